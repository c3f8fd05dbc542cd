"""Forms as XLSForm workbooks: read into trees, every fault by its sheet, row and column."""
