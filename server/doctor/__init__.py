"""Whether a server could serve here: one function a check, one sentence a finding."""
