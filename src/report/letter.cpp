// SPDX-License-Identifier: GPL-3.0-or-later
// The draft of a confirmation letter, as text and as a page. Both are made of the same sentences.
#include "quietus/letter.h"

#include <string_view>

#include "quietus/text.h"

namespace quietus {
namespace {

constexpr std::size_t kWidth = 78;
constexpr std::string_view kDraft =
    "DRAFT. Nobody has signed this letter. It becomes a confirmation only when the person named "
    "below has checked it, struck what does not apply, and signed it.";
constexpr std::string_view kScope =
    "We confirm that all data in our care on the assets listed below, and also the "
    "non-proprietary data that was produced there while the service was delivered, has been "
    "completely and irreversibly destroyed by suitable means, so that it is out of reach for "
    "good.";
constexpr std::string_view kNoCopies =
    "No other copy of this data is known to us. All lifecycles of the data ended on ";
constexpr std::string_view kCopies =
    "Copies in backup, archive and recovery systems are destroyed as their lifecycles end. All "
    "copies of this data will be gone on or before ";
constexpr std::string_view kAnonymised =
    "[Strike if it does not apply:] We keep only data that is anonymised and does not relate to "
    "persons, for statistics, and warrant that doing so complies with the law.";
constexpr std::string_view kRests =
    "This confirmation rests on the following signed certificates. Each can be checked with "
    "`quietus certificate verify`. A certificate proves which keys signed it, that nothing in it "
    "changed, and what the tool on that machine saw; it does not prove that the machine, its "
    "administrator or the drive were honest.";

std::string or_blank(const std::string& text) {
  return text.empty() ? std::string(30, '_') : escaped(text);
}

std::string or_not_stated(const std::string& text) {
  return text.empty() ? std::string("not stated") : escaped(text);
}

/// Lines of at most kWidth characters, where there are spaces.
std::string wrapped(std::string_view text) {
  std::string out;
  while (text.size() > kWidth) {
    std::size_t end = text.rfind(' ', kWidth);
    if (end == std::string_view::npos || end == 0) end = text.find(' ');
    if (end == std::string_view::npos) break;
    out.append(text.substr(0, end)).append("\n");
    text.remove_prefix(end + 1);
  }
  return out.append(text).append("\n");
}

std::string copies_sentence(const Letter& letter) {
  return std::string(letter.copies_remain ? kCopies : kNoCopies) + letter.final_date + ".";
}

std::string html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const std::string_view by = c == '&'   ? "&amp;"
                                : c == '<' ? "&lt;"
                                : c == '>' ? "&gt;"
                                : c == '"' ? "&quot;"
                                           : std::string_view();
    if (by.empty()) {
      out += c;
    } else {
      out += by;
    }
  }
  return out;
}

std::string paragraph(std::string_view text) { return "<p>" + html(text) + "</p>\n"; }

std::string row(const LetterRecord& record) {
  std::string out = "<tr>";
  for (const std::string* text : {&record.asset, &record.method, &record.counts_as, &record.outcome,
                                  &record.issued, &record.certificate_id, &record.digest}) {
    out += "<td>" + html(escaped(*text)) + "</td>";
  }
  return out + "</tr>\n";
}

std::string signature_line(std::string_view label, const std::string& value) {
  return "<dt>" + html(label) + "</dt><dd>" + html(or_blank(value)) + "</dd>\n";
}

constexpr std::string_view kHead =
    "<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<title>Draft: confirmation of data destruction</title>\n<style>\n"
    "body{font:12pt/1.5 serif;max-width:44em;margin:2em auto;padding:0 1em;color:#000;"
    "background:#fff}\n"
    ".draft{border:3px double #000;padding:.5em 1em;font-weight:bold}\n"
    "table{border-collapse:collapse;width:100%;font-size:9pt}\n"
    "th,td{border:1px solid #000;padding:.3em;text-align:left;vertical-align:top;"
    "overflow-wrap:anywhere}\n"
    "dt{font-weight:bold}\n"
    "@media print{body{margin:0;max-width:none}}\n"
    "</style>\n</head>\n<body>\n<main>\n";

}  // namespace

std::string letter_text(const Letter& letter) {
  std::string out = wrapped(kDraft) + "\n" + letter.date + "\n\nTo: " + or_blank(letter.addressee) +
                    "\n\nConfirmation of data destruction\nContract or project: " +
                    or_blank(letter.contract_ref) + "\n\n" + wrapped(kScope) + "\n" +
                    wrapped(copies_sentence(letter)) + "\n" + wrapped(kAnonymised) + "\n" +
                    wrapped(kRests);
  for (const LetterRecord& record : letter.records) {
    out += "\n  asset:        " + escaped(record.asset) +
           "\n  method:       " + or_not_stated(record.method) +
           "\n  counts as:    " + or_not_stated(record.counts_as) +
           "\n  outcome:      " + escaped(record.outcome) +
           "\n  issued:       " + escaped(record.issued) +
           "\n  certificate:  " + escaped(record.certificate_id) +
           "\n  digest:       " + escaped(record.digest) + "\n";
  }
  return out + "\nFor and on behalf of: " + or_blank(letter.organisation) +
         "\nName:                 " + or_blank(letter.signatory) +
         "\nPosition:             " + or_blank(letter.position) +
         "\nSignature:            " + or_blank({}) + "\nDate:                 " + or_blank({}) +
         "\n";
}

std::string letter_html(const Letter& letter) {
  std::string out(kHead);
  out += "<p class=\"draft\">" + html(kDraft) + "</p>\n";
  out += paragraph(letter.date) + paragraph("To: " + or_blank(letter.addressee));
  out += "<h1>Confirmation of data destruction</h1>\n";
  out += paragraph("Contract or project: " + or_blank(letter.contract_ref)) + paragraph(kScope) +
         paragraph(copies_sentence(letter)) + paragraph(kAnonymised) + paragraph(kRests);
  out +=
      "<table>\n<caption>Certificates</caption>\n<thead><tr><th scope=\"col\">Asset</th>"
      "<th scope=\"col\">Method</th><th scope=\"col\">Counts as</th>"
      "<th scope=\"col\">Outcome</th><th scope=\"col\">Issued</th><th "
      "scope=\"col\">Certificate</th><th scope=\"col\">Digest (SHA-256)</th></tr></thead>\n"
      "<tbody>\n";
  for (const LetterRecord& record : letter.records) out += row(record);
  out += "</tbody>\n</table>\n<dl>\n" +
         signature_line("For and on behalf of", letter.organisation) +
         signature_line("Name", letter.signatory) + signature_line("Position", letter.position) +
         signature_line("Signature", {}) + signature_line("Date", {});
  return out + "</dl>\n</main>\n</body>\n</html>\n";
}

}  // namespace quietus
