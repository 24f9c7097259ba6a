Package: unfinished
Status: install ok inst
