"""The page that decides: what a backtest found, for whoever has to choose, in Dutch and in English."""
