"""What a teacher prints or uploads: papers of questions, and handouts with a lesson's pictures."""
