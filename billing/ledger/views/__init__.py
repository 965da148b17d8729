"""The platform's ledger: figures down to the entries behind them, and what people post by hand."""
