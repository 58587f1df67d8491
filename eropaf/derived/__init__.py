"""What is written from the tables of topics, rights, settings and metrics: nobody edits it by hand."""
