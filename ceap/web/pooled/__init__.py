"""Django's SQLite backend whose connections are kept open for whoever comes next: to open one takes 3 ms of processor,
a hundred times as long as a query of one row, and each request has a thread, and so a connection, of its own."""
