"""The shipped table as a person reads it: its cells transcribed, and what each row says, worked out by hand from the page."""

from tests.ingest.reading.facts import Act, Row, change
from tests.ingest.typesetter import Cells

SOS = "Secretary of State"
S88 = "Energy Act 2008 s88(1)"
S89 = "Energy Act 2008 s89"
C22 = "DCC Licence Condition 22"
ALREADY = "consequential changes to sections already in force"
_88 = "Modifications to SEC version {} as directed by the Secretary of State pursuant to {}ection 88(1) of the Energy Act 2008"
_X54 = (
    "Modifications to SEC version {} as directed by the Secretary of State in accordance with SEC Section X5.4 and "
    "Condition 22 of the DCC Licence"
)


def cells(label: str, date: str, reason: str | tuple[str, ...], *overview: str) -> Cells:
    return Cells(label, date, (reason,) if isinstance(reason, str) else reason, overview)


CELLS = (
    cells("1.0", "23rd September 2013", "Designation by The Secretary of State pursuant to section 88(1) of the Energy Act 2008", "First Publication"),
    cells("2.0", "31st March 2014", _88.format("1.0", "s"), "Communications Hub Financing Provisions"),
    cells("2.1", "6th April 2014", _88.format("2.0", "s"), "SEC2 amendments to sections of SEC already in force"),
    cells("2.2", "27th May 2014", "Modification to SEC version 2.1 as directed by the SEC Panel pursuant to SECMP 0001",
          "Updating the SEC to reflect abolition of the National Consumer Council"),
    cells("3.0", "31st July 2014", _88.format("2.2", "s"),
          "Smart Metering System Requirements, Testing Service, Smart Metering Key Infrastructure and Appendices, "
          "Testing During Transition and SEC3 amendments to sections already in force"),
    cells("4.0", "14th January 2015", _88.format("3.0", "S"),
          "Security Governance, Assurance and Privacy, Communications Hubs, Enrolment and Adoption of SMETS1 meters and "
          "SEC4.0 amendments to sections already in force"),
    cells("4.1", "26th January 2015",
          "Modifications to SEC version 4.0 as directed by the Secretary of State in accordance with SEC Section X3.1, "
          "SEC Section X5.4 and Condition 22 of the DCC Licence",
          "Activation of Section H15, designation of the DCC Gateway Connection Code of Connection as a Subsidiary "
          "Document and consequential changes to sections already in force"),
    cells("4.2", "18th March 2015", _88.format("4.1", "S"),
          "Party and RDP Signifiers, Party, User and RDP Identifiers and SEC4.2 amendments to sections already in force"),
    cells("4.3", "1st July 2015", _88.format("4.2", "S"),
          "SEC Schedule 7 providing a Specimen Enabling Agreement, DCC Services and SEC4.3 amendments to sections "
          "already in force"),
    cells("4.4", "14th September 2015", _X54.format("4.3"),
          "Designation of the CH Handover Support Materials as a Subsidiary Document and consequential changes to "
          "sections already in force."),
    cells("4.5", "28th September 2015", _X54.format("4.4"),
          "Designation of the Enduring Testing Approach Document as a Subsidiary Document and consequential changes to "
          "sections already in force."),
    cells("4.6", "21st October 2015", _X54.format("4.5"),
          "Designation of the SMKI and Repository Test Scenarios Document and Subsidiary Document and consequential "
          "changes to sections already in force."),
    cells("4.7", "9th February 2016", _X54.format("4.6"),
          "Designation of the SMKI Registration Authority Policies and Procedure (SMKI RAPP) and SMKI Recovery Procedure "
          "and consequential changes to sections already in force."),
    cells("4.8", "10th February 2016", (_88.format("4.7", "S"), "", _X54.format("4.6")),
          "Designation of further Communications Hub provisions. Designation of SMKI and DCC Key Infrastructure provisions.", "",
          "Designation of the CH Installation and Maintenance Support Materials (CHIMSM) and consequential changes to "
          "sections already in force."),
    cells("4.9", "9th March 2016", _X54.format("4.8"),
          "Designation of SMKI Interface Design Specification, SMKI Code of Connection, SMKI Repository Interface Design "
          "Specification, SMKI Repository Code of Connection, IKI Certificate Policy and the Common Test Scenarios "
          "Document. Re-Designation of the DCC Gateway Connection Code of Connection and consequential changes to "
          "sections already in force."),
    cells("4.10", "18th April 2016",
          "Modifications to SEC version 4.9 as directed by the Secretary of State in accordance with SEC Section X6",
          "Designation of provisions for Interim Device and User Testing (Section X9)."),
    cells("4.11", "6th June 2016",
          "Modifications to SEC version 4.10 as directed by the Secretary of State pursuant to SEC Section X3.1, X5 and "
          "Condition 22.27 of the DCC Licence",
          "Activation of Sections H1, H2 and H3.22", "",
          "Designation of the DCCKI Certificate Policy and DCCKI Registration Authority Policies and Procedures"),
    cells("4.12", "15th June 2016", _88.format("4.11", "S"), "Amendments to sections of SEC already in force"),
    cells("4.13", "6th July 2016",
          "Modifications to SEC version 4.12 as directed by the Secretary of State pursuant to SEC Section X3.1, X5, X6 "
          "and Condition 22 of the DCC Licence",
          "Designation of Registration Data Interface Specification and Registration Data Interface Code of Connection.", "",
          "Re-designation of the SMKI Registration Authority Policies and Procedures, and the IKI Certificate Policy."),
    cells("4.14", "13th July 2016",
          "Modifications to SEC version 4.13 as directed by the Secretary of State pursuant to Section 88 (1) and 89 of "
          "the Energy Act 2008, and pursuant to SEC Sections X3.1, X5, and X6",
          "Designation of SEC Section Z - Alt HAN Arrangements.", "",
          "Designation of Appendix T - DCCKI Interface Design Specification, Appendix U- DCCKI Repository Interface "
          "Design Specification, and Appendix V - DCCKI CoCo and DCCKI Repository CoCo.", "",
          "SEC Appendices A, B and C deleted and re-designated.", "Amendments to SEC sections already in force."),
    cells("4.15", "18th August 2016",
          ("Modifications to SEC version 4.14 as directed by the Secretary of State pursuant to Section 88 (1) and 89 of "
           "the Energy Act 2008, and pursuant to SEC Appendix J.", "",
           "Modification to SEC version 4.14 as directed by the SEC Panel pursuant to SECMP0017 with effect 17th August "
           "2016."),
          "Re-designation of an updated version of SEC Appendix J – Enduring Testing Approach Document.", "", "", "", "",
          "Amendments to SEC Section D6.3 to D6.4."),
    cells("4.16", "20th October 2016",
          "Modification to SEC version 4.15 as directed by the Secretary of State pursuant to Section X5 and Condition 22 "
          "of the DCC Licence.",
          "Re-designation of SEC Appendix R: Common Test Scenarios Document."),
    cells("4.17", "27th October 2016",
          "Modification to SEC version 4.16 as directed by the Secretary of State pursuant to Section 88 (1) and 89 of "
          "the Energy Act 2008, and pursuant to SEC Appendix Z.",
          "Designation of SEC Appendix Z: CPL Requirement Document.", "", "Activation of SEC Section F2."),
    cells("5.0", "8th November 2016",
          ("Modification to SEC version 4.17 as directed by the Secretary of State pursuant to Section 88 (1) and 89 of "
           "the Energy Act 2008.", "",
           "Activation of multiple SEC Sections, re-designation, and incorporation of new Subsidiary Documents necessary "
           "for DCC Live.", ""),
          "Activation of SEC Sections:",
          "• F3 (Panel Dispute Resolution Role)", "• F4.9 (Power Outage Alerts)",
          "• H3 (DCC User Interface), but excluding H3.27", "• H4 (Processing Service Requests)",
          "• H5 (Smart Metering Inventory & Enrolment Services)",
          "• H6 (Decommissioning, Withdrawal & Suspension of Devices)",
          "• H8 (Service Management, SSI & Service Desk);", "• H9 (Incident Management Policy)",
          "• H10.9-H10.13 (Business Continuity)", "• H11 (Parse and Correlate)",
          "• H14.36 (DCC Internal System Change Testing", "",
          "Designation of new SEC Schedules:",
          "• Schedule 8 GB Companion Specification",
          "• Schedule 9 Smart Metering Equipment Technical Specifications",
          "• Schedule 10 Communications Hub Technical Specifications", "",
          "Designation of new SEC Appendices",
          "• Appendix AA - Threshold Anomaly Detection Procedures", "• Appendix AB - Service Request Processing Document",
          "• Appendix AC - Inventory, Enrolment and Withdrawal Procedures",
          "• Appendix AD - DCC User Interface Specification", "• Appendix AE - DCC User Interface Code of Connection",
          "• Appendix AF - Message Mapping Catalogue", "• Appendix AG - Incident Management Policy",
          "• Appendix AH - Self-Service Interface Design Specification",
          "• Appendix AI - Self-Service Interface Code of Connection", "",
          "Re-designation of SEC Appendices:",
          "• Appendix E - DCC User Interface Services Schedule", "• Appendix H - CH Handover Support Materials;",
          "• Appendix I - CH Installation and Maintenance Support Materials;", "• Appendix L - SMKI Recovery Procedure;",
          "• Appendix O - SMKI Repository Interface Design Specification;",
          "• Appendix G - DCC Gateway Connection Code of Connection;",
          "• Appendix K - SMKI and Repository Test Scenarios Document;",
          "• Appendix M - SMKI Interface Design Specification;", "• Appendix N - SMKI Code of Connection"),
    cells("5.1", "14th December 2016",
          "Implementation of two Modifications Proposals approved via Change Board vote on 23rd November 2016.",
          "Implementation of Modification Proposals:", "",
          "• Amendment to Section L due to SECMP0022 “Expanding SMKI PMA membership and removing Alternate restrictions”", "",
          "• Amendments to Schedule 5 due to SECMP0020 “Removal of the confidential classification of the unique "
          "identifiers listed in SEC Schedule 5”"),
    cells("5.2", "21st December 2016",
          "Modification to SEC version 5.1 as directed by the Secretary of State pursuant to Section 88 (1) and 89 of "
          "the Energy Act 2008.",
          "Redesignation of Appendix AC – Inventory, Enrolment and Withdrawal Procedures"),
    cells("5.3", "26th January 2017",
          "Modification to SEC version 5.2 as directed by the Secretary of State pursuant to section 88(1) of the Energy "
          "Act 2008.",
          "Amendments to Section N: SMETS1 Meters, including the designation of a new Section N4A"),
    cells("5.4", "9th February 2017",
          ("Modifications to SEC version 5.3 as directed by the Secretary of State pursuant to section 89 of the Energy "
           "Act 2008.", "",
           "Modifications as directed by the Secretary of State pursuant to SEC Section X5."),
          "Amendments in relation to testing including: testing required to implement changes to the SEC; Enduring "
          "Registration Data Provider Entry Process Testing; changes to the Enduring Testing Approach Document (ETAD); "
          "provision of variant Communications Hubs for testing.", "",
          "Other Changes include amendments to the Ofgem Significant Code Review process; Privacy requirements; making "
          "certain transitional variations enduring; the definition of RDP Systems; changes to accommodate multiple "
          "versions of Technical Specifications and multiple versions of DUIS and other minor miscellaneous changes.", "",
          "The Secretary of State direction designates Schedule 11 and Smart Metering Equipment Technical Specifications "
          "Version 1.2.", ""),
    cells("5.5", "15th March 2017",
          "Implementation of a Modification Proposal approved via Change Board vote on 22nd February 2017.",
          "Amendment to Section G due to implementation of SECMP0026 “Changes to the Security Sub-Committee Nomination "
          "Process”."),
    cells("5.6", "1st April 2017", "Implementation of a Modification Proposal approved by the Authority on 17th January 2017.",
          "Amendments to Sections A and J due to implementation of SECMP0016 “Consideration of “maximum credit value” in "
          "credit cover calculation”."),
    cells("5.7", "11th May 2017",
          "Implementation of a Modification Proposal approved via Change Board vote on the 19th April 2017.",
          "Amendments to Section A and Appendix H due to implementation of SECMP0033 “CH Handover Support Materials”."),
    cells("5.8", "13th July 2017",
          "Implementation of a Modification Proposal approved via Change Board vote on the 21st June 2017.",
          "Amendments to Appendix B and Appendix S due to implementation of SECMP0035 “Updates to SEC Appendix B – "
          "Organisation ARL expiration date to be aligned to DCCKI ARL”."),
    cells("5.9", "21st July 2017",
          ("", "Modifications to SEC version 5.8 as directed by the Secretary of State pursuant to section 89 of the Energy "
           "Act 2008."),
          "",
          "Re-designation of Appendix AC – Inventory Enrolment and Withdrawal Procedures (version 1.2); and Appendix AD – "
          "DCC User Interface Specification (version 1.1)."),
    cells("5.10", "14th September 2017",
          "Implementation of a Modification Proposal approved via the Change Board on the 23rd August 2017.",
          "Amendments to Section H due to implementation of SECMP0036 “Single User ID for Users acting in one or more "
          "User Roles”."),
    cells("5.11", "6th November 2017", _88.format("5.10", "S"),
          "Amendments to Appendix AH, Schedule 8 and Schedule 11 as directed by the Secretary of State."),
    cells("5.12", "22nd November 2017",
          "Implementation of a Modification Proposal approved via the Change Board on 25th October 2017.",
          "Amendments to Section G due to implementation of SECMP0040 “Changes to how DCC Users schedule and carry out "
          "User Security Assessments after completion of the User Entry Process”."),
    cells("5.13", "1st February 2018",
          ("Modifications to SEC version 5.12 as directed by the Secretary of State pursuant to section 89 of the Energy "
           "Act 2008.", ""),
          "Amendments to Appendix H, Appendix I, Schedule 9 – SMETS1 v1.2, Schedule 9 – SMETS2 v2.0 and Schedule 11 – TS "
          "Applicability Tables.", "",
          "Designation of new SEC Schedules and Appendices to sit alongside existing versions:", "",
          "• Schedule 8 – GBCS v2.0", "• Schedule 8 – GBCS v3.0", "• Schedule 9 – SMETS2 v3.0",
          "• Schedule 9 – SMETS2 v4.0", "• Schedule 10 – CHTS v1.1", "• Schedule 10 – CHTS v1.2",
          "• Appendix AD – DUIS v2.0", "• Appendix AF – MMC v2.0"),
    cells("5.14", "22nd February 2018",
          (_88.format("5.13", "S"), "",
           "Modifications to SEC version 5.13 as directed by the Secretary of State pursuant to SEC Section X5", ""),
          "Amendments to SEC Section A", "", "", "", "", "", "",
          "Designation of Appendix AJ – SEC Variation Testing Approach Document"),
    cells("5.15", "25th May 2018", "Implementation of a Modification Proposal approved by the Authority on 1st May 2018.",
          "Amendments to Section A, Section I, Section M and Appendix AG due to implementation of SECMP0045 "
          "“Incorporation of the requirements of the General Data Protection Regulations”."),
    cells("5.16", "31st May 2018", _88.format("5.15", "S"),
          "Designation of Section P – Production Proving; and amendments to Section A, Section C, Section E, Section F, "
          "Section H, Section J, Section K, Section L and Section X as directed by the Secretary of State."),
)  # fmt: skip


def by_letter(action: str, kind: str, items: tuple[tuple[str, str], ...], **more: object) -> tuple[object, ...]:
    return tuple(change(action, kind, ref, title, **more) for ref, title in items)


def document(action: str, ref: str, title: str, **more: object) -> object:
    return change(action, "document", ref, title, **more)


TESTING = (
    "Amendments in relation to testing including: testing required to implement changes to the SEC; Enduring "
    "Registration Data Provider Entry Process Testing; changes to the Enduring Testing Approach Document (ETAD); "
    "provision of variant Communications Hubs for testing"
)
OTHERS = (
    "Other Changes include amendments to the Ofgem Significant Code Review process; Privacy requirements; making "
    "certain transitional variations enduring; the definition of RDP Systems; changes to accommodate multiple "
    "versions of Technical Specifications and multiple versions of DUIS and other minor miscellaneous changes"
)

FACTS = (
    Row("1.0", "2013-09-23", [Act(SOS, [S88])], [change("designated", "code", "SEC")]),
    Row("2.0", "2014-03-31", [Act(SOS, [S88], "1.0")], [], ["Communications Hub Financing Provisions"]),
    Row("2.1", "2014-04-06", [Act(SOS, [S88], "2.0")], [], ["SEC2 amendments to sections of SEC already in force"]),
    Row("2.2", "2014-05-27", [Act("SEC Panel", [], "2.1", proposals=["SECMP0001"])], [],
        ["Updating the SEC to reflect abolition of the National Consumer Council"]),
    Row("3.0", "2014-07-31", [Act(SOS, [S88], "2.2")], [],
        ["Smart Metering System Requirements, Testing Service, Smart Metering Key Infrastructure and Appendices, "
         "Testing During Transition and SEC3 amendments to sections already in force"]),
    Row("4.0", "2015-01-14", [Act(SOS, [S88], "3.0")], [],
        ["Security Governance, Assurance and Privacy, Communications Hubs, Enrolment and Adoption of SMETS1 meters and "
         "SEC4.0 amendments to sections already in force"]),
    Row("4.1", "2015-01-26", [Act(SOS, ["SEC X3.1", "SEC X5.4", C22], "4.0")],
        [change("activated", "section", "H15"),
         document("designated", "dcc-gateway-connection-code-of-connection", "DCC Gateway Connection Code of Connection")],
        [ALREADY]),
    Row("4.2", "2015-03-18", [Act(SOS, [S88], "4.1")], [],
        ["Party and RDP Signifiers, Party, User and RDP Identifiers and SEC4.2 amendments to sections already in force"]),
    Row("4.3", "2015-07-01", [Act(SOS, [S88], "4.2")], [],
        ["SEC Schedule 7 providing a Specimen Enabling Agreement, DCC Services and SEC4.3 amendments to sections already in "
         "force"]),
    Row("4.4", "2015-09-14", [Act(SOS, ["SEC X5.4", C22], "4.3")],
        [document("designated", "ch-handover-support-materials", "CH Handover Support Materials")], [ALREADY]),
    Row("4.5", "2015-09-28", [Act(SOS, ["SEC X5.4", C22], "4.4")],
        [document("designated", "enduring-testing-approach-document", "Enduring Testing Approach Document")], [ALREADY]),
    Row("4.6", "2015-10-21", [Act(SOS, ["SEC X5.4", C22], "4.5")],
        [document("designated", "smki-and-repository-test-scenarios-document", "SMKI and Repository Test Scenarios Document")],
        [ALREADY]),
    Row("4.7", "2016-02-09", [Act(SOS, ["SEC X5.4", C22], "4.6")],
        [document("designated", "smki-registration-authority-policies-and-procedure",
                  "SMKI Registration Authority Policies and Procedure"),
         document("designated", "smki-recovery-procedure", "SMKI Recovery Procedure")], [ALREADY]),
    Row("4.8", "2016-02-10", [Act(SOS, [S88], "4.7"), Act(SOS, ["SEC X5.4", C22], "4.6")],
        [document("designated", "ch-installation-and-maintenance-support-materials",
                  "CH Installation and Maintenance Support Materials", act=1)],
        [("Designation of further Communications Hub provisions", 0),
         ("Designation of SMKI and DCC Key Infrastructure provisions", 0), (ALREADY, 1)],
        warnings=["base-mismatch"]),
    Row("4.9", "2016-03-09", [Act(SOS, ["SEC X5.4", C22], "4.8")],
        [document("designated", "smki-interface-design-specification", "SMKI Interface Design Specification"),
         document("designated", "smki-code-of-connection", "SMKI Code of Connection"),
         document("designated", "smki-repository-interface-design-specification",
                  "SMKI Repository Interface Design Specification"),
         document("designated", "smki-repository-code-of-connection", "SMKI Repository Code of Connection"),
         document("designated", "iki-certificate-policy", "IKI Certificate Policy"),
         document("designated", "common-test-scenarios-document", "Common Test Scenarios Document"),
         document("redesignated", "dcc-gateway-connection-code-of-connection", "DCC Gateway Connection Code of Connection")],
        [ALREADY]),
    Row("4.10", "2016-04-18", [Act(SOS, ["SEC X6"], "4.9")],
        [change("designated", "section", "X9", "Interim Device and User Testing")]),
    Row("4.11", "2016-06-06", [Act(SOS, ["SEC X3.1", "SEC X5", "DCC Licence Condition 22.27"], "4.10")],
        [change("activated", "section", "H1"), change("activated", "section", "H2"), change("activated", "section", "H3.22"),
         document("designated", "dccki-certificate-policy", "DCCKI Certificate Policy"),
         document("designated", "dccki-registration-authority-policies-and-procedures",
                  "DCCKI Registration Authority Policies and Procedures")]),
    Row("4.12", "2016-06-15", [Act(SOS, [S88], "4.11")], [], ["Amendments to sections of SEC already in force"]),
    Row("4.13", "2016-07-06", [Act(SOS, ["SEC X3.1", "SEC X5", "SEC X6", C22], "4.12")],
        [document("designated", "registration-data-interface-specification", "Registration Data Interface Specification"),
         document("designated", "registration-data-interface-code-of-connection",
                  "Registration Data Interface Code of Connection"),
         document("redesignated", "smki-registration-authority-policies-and-procedures",
                  "SMKI Registration Authority Policies and Procedures"),
         document("redesignated", "iki-certificate-policy", "IKI Certificate Policy")]),
    Row("4.14", "2016-07-13", [Act(SOS, [S88, S89, "SEC X3.1", "SEC X5", "SEC X6"], "4.13")],
        [change("designated", "section", "Z", "Alt HAN Arrangements"),
         change("designated", "appendix", "T", "DCCKI Interface Design Specification"),
         change("designated", "appendix", "U", "DCCKI Repository Interface Design Specification"),
         change("designated", "appendix", "V", "DCCKI CoCo and DCCKI Repository CoCo"),
         *(change(action, "appendix", ref) for ref in "ABC" for action in ("deleted", "redesignated"))],
        ["Amendments to SEC sections already in force"]),
    Row("4.15", "2016-08-18",
        [Act(SOS, [S88, S89, "SEC Appendix J"], "4.14"),
         Act("SEC Panel", [], "4.14", proposals=["SECMP0017"], effective="2016-08-17")],
        [change("redesignated", "appendix", "J", "Enduring Testing Approach Document"),
         change("amended", "section", "D6.3-D6.4", proposal="SECMP0017", act=1)]),
    Row("4.16", "2016-10-20", [Act(SOS, ["SEC X5", C22], "4.15")],
        [change("redesignated", "appendix", "R", "Common Test Scenarios Document")]),
    Row("4.17", "2016-10-27", [Act(SOS, [S88, S89, "SEC Appendix Z"], "4.16")],
        [change("designated", "appendix", "Z", "CPL Requirement Document"), change("activated", "section", "F2")]),
    Row("5.0", "2016-11-08", [Act(SOS, [S88, S89], "4.17")],
        [*by_letter("activated", "section", (
            ("F3", "Panel Dispute Resolution Role"), ("F4.9", "Power Outage Alerts"))),
         change("activated", "section", "H3", "DCC User Interface", exclusions=["H3.27"]),
         *by_letter("activated", "section", (
            ("H4", "Processing Service Requests"), ("H5", "Smart Metering Inventory & Enrolment Services"),
            ("H6", "Decommissioning, Withdrawal & Suspension of Devices"),
            ("H8", "Service Management, SSI & Service Desk"), ("H9", "Incident Management Policy"),
            ("H10.9-H10.13", "Business Continuity"), ("H11", "Parse and Correlate"),
            ("H14.36", "DCC Internal System Change Testing"))),
         *by_letter("designated", "schedule", (
            ("8", "GB Companion Specification"), ("9", "Smart Metering Equipment Technical Specifications"),
            ("10", "Communications Hub Technical Specifications"))),
         *by_letter("designated", "appendix", (
            ("AA", "Threshold Anomaly Detection Procedures"), ("AB", "Service Request Processing Document"),
            ("AC", "Inventory, Enrolment and Withdrawal Procedures"), ("AD", "DCC User Interface Specification"),
            ("AE", "DCC User Interface Code of Connection"), ("AF", "Message Mapping Catalogue"),
            ("AG", "Incident Management Policy"), ("AH", "Self-Service Interface Design Specification"),
            ("AI", "Self-Service Interface Code of Connection"))),
         *by_letter("redesignated", "appendix", (
            ("E", "DCC User Interface Services Schedule"), ("H", "CH Handover Support Materials"),
            ("I", "CH Installation and Maintenance Support Materials"), ("L", "SMKI Recovery Procedure"),
            ("O", "SMKI Repository Interface Design Specification"), ("G", "DCC Gateway Connection Code of Connection"),
            ("K", "SMKI and Repository Test Scenarios Document"), ("M", "SMKI Interface Design Specification"),
            ("N", "SMKI Code of Connection")))]),
    Row("5.1", "2016-12-14",
        [Act("Change Board", [], "5.0", inferred=True, proposals=["SECMP0022", "SECMP0020"], decided="2016-11-23")],
        [change("amended", "section", "L", proposal="SECMP0022"), change("amended", "schedule", "5", proposal="SECMP0020")]),
    Row("5.2", "2016-12-21", [Act(SOS, [S88, S89], "5.1")],
        [change("redesignated", "appendix", "AC", "Inventory, Enrolment and Withdrawal Procedures")]),
    Row("5.3", "2017-01-26", [Act(SOS, [S88], "5.2")],
        [change("amended", "section", "N", "SMETS1 Meters"), change("designated", "section", "N4A")]),
    Row("5.4", "2017-02-09", [Act(SOS, [S89], "5.3"), Act(SOS, ["SEC X5"], "5.3", inferred=True)],
        [change("designated", "schedule", "11", act=1),
         document("designated", "smart-metering-equipment-technical-specifications",
                  "Smart Metering Equipment Technical Specifications", version="1.2", act=1)],
        [(TESTING, None), (OTHERS, None)]),
    Row("5.5", "2017-03-15",
        [Act("Change Board", [], "5.4", inferred=True, proposals=["SECMP0026"], decided="2017-02-22")],
        [change("amended", "section", "G", proposal="SECMP0026")]),
    Row("5.6", "2017-04-01", [Act("Authority", [], "5.5", inferred=True, proposals=["SECMP0016"], decided="2017-01-17")],
        [change("amended", "section", "A", proposal="SECMP0016"), change("amended", "section", "J", proposal="SECMP0016")]),
    Row("5.7", "2017-05-11",
        [Act("Change Board", [], "5.6", inferred=True, proposals=["SECMP0033"], decided="2017-04-19")],
        [change("amended", "section", "A", proposal="SECMP0033"), change("amended", "appendix", "H", proposal="SECMP0033")]),
    Row("5.8", "2017-07-13",
        [Act("Change Board", [], "5.7", inferred=True, proposals=["SECMP0035"], decided="2017-06-21")],
        [change("amended", "appendix", "B", proposal="SECMP0035"), change("amended", "appendix", "S", proposal="SECMP0035")]),
    Row("5.9", "2017-07-21", [Act(SOS, [S89], "5.8")],
        [change("redesignated", "appendix", "AC", "Inventory Enrolment and Withdrawal Procedures", version="1.2"),
         change("redesignated", "appendix", "AD", "DCC User Interface Specification", version="1.1")]),
    Row("5.10", "2017-09-14",
        [Act("Change Board", [], "5.9", inferred=True, proposals=["SECMP0036"], decided="2017-08-23")],
        [change("amended", "section", "H", proposal="SECMP0036")]),
    Row("5.11", "2017-11-06", [Act(SOS, [S88], "5.10")],
        [change("amended", "appendix", "AH"), change("amended", "schedule", "8"), change("amended", "schedule", "11")]),
    Row("5.12", "2017-11-22",
        [Act("Change Board", [], "5.11", inferred=True, proposals=["SECMP0040"], decided="2017-10-25")],
        [change("amended", "section", "G", proposal="SECMP0040")]),
    Row("5.13", "2018-02-01", [Act(SOS, [S89], "5.12")],
        [change("amended", "appendix", "H"), change("amended", "appendix", "I"),
         change("amended", "schedule", "9", spec="SMETS1", version="1.2"),
         change("amended", "schedule", "9", spec="SMETS2", version="2.0"),
         change("amended", "schedule", "11", "TS Applicability Tables"),
         *(change("designated", kind, ref, spec=spec, version=version, alongside=True) for kind, ref, spec, version in (
             ("schedule", "8", "GBCS", "2.0"), ("schedule", "8", "GBCS", "3.0"), ("schedule", "9", "SMETS2", "3.0"),
             ("schedule", "9", "SMETS2", "4.0"), ("schedule", "10", "CHTS", "1.1"), ("schedule", "10", "CHTS", "1.2"),
             ("appendix", "AD", "DUIS", "2.0"), ("appendix", "AF", "MMC", "2.0")))]),
    Row("5.14", "2018-02-22", [Act(SOS, [S88], "5.13"), Act(SOS, ["SEC X5"], "5.13")],
        [change("amended", "section", "A"),
         change("designated", "appendix", "AJ", "SEC Variation Testing Approach Document", act=1)]),
    Row("5.15", "2018-05-25", [Act("Authority", [], "5.14", inferred=True, proposals=["SECMP0045"], decided="2018-05-01")],
        [*(change("amended", "section", ref, proposal="SECMP0045") for ref in "AIM"),
         change("amended", "appendix", "AG", proposal="SECMP0045")]),
    Row("5.16", "2018-05-31", [Act(SOS, [S88], "5.15")],
        [change("designated", "section", "P", "Production Proving"),
         *(change("amended", "section", ref) for ref in "ACEFHJKLX")]),
)  # fmt: skip
