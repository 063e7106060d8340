"""Plans that outlive the process: jobs on the durable engine, replies that are never bought twice, edits that are kept."""
