"""Records a session, and runs it again from the recording alone."""
