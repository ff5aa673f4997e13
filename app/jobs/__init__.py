"""Long work in the background: started in a request, done by a worker process, watched and cancelled by a person."""
