"""The suite `network`: conversations whose connections are cut, compared sample by sample."""
