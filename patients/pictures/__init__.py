"""Pictures of the face before they are facts: how they are taken, received, made anew, and kept in sealed files."""
