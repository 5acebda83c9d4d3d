// SPDX-License-Identifier: GPL-3.0-or-later
// A certificate as one HTML page: no script, nothing loaded, WCAG 2.2 AA, for screen and paper.
#include "quietus/certificate_page.h"
#include "quietus/text.h"

#include "embedded/page_files.h"
#include "report/form_document.h"
#include "report/html_text.h"
#include "report/page_envelope.h"
#include "report/page_files.h"
#include "report/qr.h"

namespace quietus {
namespace {

// NOLINTNEXTLINE(google-build-using-namespace): this module's own
using namespace report;

std::string marking_line(const FormDocument& document, std::string_view where) {
  const std::string marking =
      document.marking.empty() ? "Classification: not stated" : document.marking;
  return "<p class=\"marking\" aria-label=\"Classification marking, " + std::string(where) +
         " of page\">" + html(marking) + "</p>\n";
}

std::string facts_html(const FormSection& section) {
  if (section.facts.empty()) return {};
  std::string out = "<dl>\n";
  for (const auto& [label, value] : section.facts) {
    out += "<div>" + element("dt", label) + element("dd", value) + "</div>\n";
  }
  return out + "</dl>\n";
}

/// A word that has to be broken in a narrow column: a key, a digest, a path.
bool has_long_word(std::string_view text) {
  constexpr std::size_t kLong = 28;
  while (text.size() > kLong) {
    const std::size_t end = text.find(' ');
    if (end > kLong) return true;
    text.remove_prefix(end + 1);
  }
  return false;
}

/// Wide tables scroll in a box of their own that the keyboard reaches.
std::string table_html(const FormTable& table) {
  std::string out = "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"" +
                    html(table.caption) + "\"><table>\n" + element("caption", table.caption) +
                    "\n<thead><tr>";
  for (const std::string& column : table.columns) {
    out += "<th scope=\"col\">" + html(column) + "</th>";
  }
  out += "</tr></thead>\n<tbody>\n";
  for (const auto& row : table.rows) {
    out += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string tag = i == 0 ? "th" : "td";
      out += "<" + tag + (i == 0 ? " scope=\"row\"" : "") +
             (has_long_word(row[i]) ? " class=\"long\">" : ">") + html(row[i]) + "</" + tag + ">";
    }
    out += "</tr>\n";
  }
  return out + "</tbody>\n</table></div>\n";
}

/// Keeps its lines; each is harmless by itself.
std::string verbatim_html(std::string_view text) {
  std::string out = "<pre tabindex=\"0\">";
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    out += html(text.substr(0, end)) + "\n";
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out + "</pre>\n";
}

std::string section_html(const FormDocument& document, const FormSection& section) {
  std::string out = "<section aria-labelledby=\"" + section.id + "\">\n<h2 id=\"" + section.id +
                    "\">" + html(section.heading) + "</h2>\n";
  for (const std::string& text : section.paragraphs) out += element("p", text) + "\n";
  out += facts_html(section);
  if (section.id == "evidence" && document.map.size_bytes > 0) {
    out += "<figure>\n" + svg_of(document.map) + "<figcaption>" +
           html(description_of(document.map)) + "</figcaption>\n</figure>\n";
  }
  for (const FormTable& table : section.tables) out += table_html(table);
  for (const std::string& text : section.verbatim) out += verbatim_html(text);
  return out + "</section>\n";
}

std::string outcome_html(const FormDocument& document) {
  const OutcomeForm& form = *document.outcome;
  return "<header>\n" + marking_line(document, "top") + element("h1", form.title) +
         "\n<div class=\"outcome\"><svg class=\"shape\" role=\"img\" viewBox=\"0 0 48 "
         "48\"><title>" +
         std::string(form.shape_name) + "</title>" + std::string(form.shape) +
         "</svg><div><p class=\"word\">" + html(form.word) + "</p>" +
         element("p", document.meaning) +
         "</div></div>\n<p class=\"leave\">May it leave? <strong>" + html(document.leave.word) +
         "</strong>" + (document.trusted ? "" : ": not checked against trusted keys here") +
         "</p>\n<p>Certificate <code>" + html(document.id) + "</code></p>\n</header>\n";
}

Result<std::string> footer_html(const FormDocument& document, const FormSource& source) {
  const Result<std::string> text = qr_text(document.id, document.digest);
  if (!text) return text.error();
  const Result<std::string> code = qr_svg(*text, "QR code of certificate id and digest");
  if (!code) return code.error();
  Result<std::string> envelope = embedded(source.envelope);
  if (!envelope) return envelope.error();
  return "<section aria-labelledby=\"code\">\n<h2 id=\"code\">Id and digest as a code</h2>\n" +
         *code + "<p>It holds <code>" + html(*text) +
         "</code>: the certificate's id and digest in base45 (RFC 9285).</p>\n"
         "<p>The signed record itself is embedded in this page, for programs.</p>\n</section>\n"
         "</main>\n<footer>\n" +
         marking_line(document, "bottom") + "<p>" + html(document.id) + "</p>\n</footer>\n" +
         *envelope + "</body>\n</html>\n";
}

/// The id at the foot of every printed page. A UUID needs no escaping; anything else is left out.
std::string print_footer(const FormDocument& document) {
  if (!qr_text(document.id, document.digest)) return {};
  return "@page { @bottom-left { content: \"" + document.id +
         "\"; font: 8pt sans-serif; } @bottom-right { content: counter(page) \" / \" "
         "counter(pages); font: 8pt sans-serif; } }\n";
}

}  // namespace

namespace report {

std::string_view page_file(std::string_view name) {
  for (const EmbeddedFile& file : page_files()) {
    if (file.name == name) return file.content;
  }
  return {};
}

}  // namespace report

Result<std::string> html_page(const FormSource& source, const ContentDigest& digest) {
  const Result<FormDocument> document = document_of(source);
  if (!document) return document.error();
  const Result<std::string> footer = footer_html(*document, source);
  if (!footer) return footer.error();
  const std::string style = std::string(page_file("certificate.css")) + print_footer(*document);
  std::string out =
      head_of({std::string(document->outcome->title) + " " + document->id, style, digest(style)}) +
      "<body>\n" + outcome_html(*document) + "<main>\n";
  for (const FormSection& section : document->sections) out += section_html(*document, section);
  return out + *footer;
}

}  // namespace quietus
