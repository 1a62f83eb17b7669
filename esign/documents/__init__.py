"""Documents we issue: Typst templates, their data, our own fonts, and one renderer."""
