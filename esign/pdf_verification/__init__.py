"""Strict verification of signed PDFs, and the inspection of PDFs that strangers upload.

`verify_pdf` and `inspect_pdf` never raise. Files from strangers go through a child process that can be killed: `core.isolation.Isolated`
with "esign.verification_process:verify_isolated" or "esign.pdf_verification:inspect_isolated".
"""

from esign.pdf_verification.inspection import PdfFacts, inspect_isolated, inspect_pdf, isolated_facts
from esign.pdf_verification.verdict import PdfVerdict, Reason, SignatureReport, Verdict
from esign.pdf_verification.verify import verify_pdf

__all__ = [
    "PdfFacts",
    "PdfVerdict",
    "Reason",
    "SignatureReport",
    "Verdict",
    "inspect_isolated",
    "inspect_pdf",
    "isolated_facts",
    "verify_pdf",
]
