"""A lab's things as one workbook: taken away, changed in a spreadsheet, and brought back."""
