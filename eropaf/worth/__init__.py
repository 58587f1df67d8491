"""The page that decides: what a backtest found, for who has to choose, in Dutch and in English."""
