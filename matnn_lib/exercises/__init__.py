"""What a right answer is, and what each typical wrong answer deserves to hear."""
