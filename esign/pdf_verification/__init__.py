"""Strict verification of signed PDFs, and the inspection of PDFs that strangers upload.

`verify_pdf` and `inspect_pdf` never raise. For files from strangers run them in a child process that can be killed:
`core.isolation.Isolated("esign.pdf_verification:verify_isolated", …)` with `isolated_request` and `isolated_verdict` around the call.
"""

from esign.pdf_verification.inspection import PdfFacts, inspect_isolated, inspect_pdf, isolated_facts
from esign.pdf_verification.isolated import isolated_request, isolated_verdict, verify_isolated
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
    "isolated_request",
    "isolated_verdict",
    "verify_isolated",
    "verify_pdf",
]
