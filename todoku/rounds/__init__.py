"""日次業務: each step in journey order on whatever waits, and the queue through which long work is done."""
