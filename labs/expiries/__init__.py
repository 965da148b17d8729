"""What runs out: certificates, accreditations, lines of their scope, measurement standards, qualifications (LAB-2)."""
