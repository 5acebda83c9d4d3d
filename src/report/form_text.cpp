// SPDX-License-Identifier: GPL-3.0-or-later
// A certificate as text for a terminal: the facts of the page, in short.
#include <algorithm>

#include "quietus/certificate_page.h"
#include "quietus/text.h"

#include "report/form_document.h"

namespace quietus {
namespace {

// NOLINTNEXTLINE(google-build-using-namespace): this module's own
using namespace report;

constexpr std::size_t kNarrowest = 40;

/// Columns that a text takes: characters, not bytes.
std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

/// Foreign text, made harmless, in lines of at most that many columns where its words allow it.
class Wrapped {
 public:
  explicit Wrapped(unsigned width) : width_(std::max<std::size_t>(width, kNarrowest)) {}

  void line(std::string_view text) { out_ += escaped(text) + "\n"; }
  void gap() { out_ += "\n"; }
  void heading(std::string_view text) {
    gap();
    line(text);
    out_ += std::string(std::min(columns_of(text), width_), '-') + "\n";
  }
  /// `indent` columns before every line but the first, which begins with `first`: harmless already.
  void paragraph(std::string_view first, std::string_view text, std::size_t indent) {
    std::string now(first);
    bool empty = true;
    std::string words = escaped(text);
    std::string_view rest = words;
    while (!rest.empty()) {
      const std::size_t end = rest.find(' ');
      const std::string_view word = rest.substr(0, end);
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
      if (!empty && columns_of(now) + 1 + columns_of(word) > width_) {
        out_ += now + "\n";
        now = std::string(indent, ' ');
        empty = true;
      }
      if (!empty) now += " ";
      now += word;
      empty = false;
    }
    out_ += now + "\n";
  }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  std::size_t width_;
  std::string out_;
};

std::string row_text(const FormTable& table, const std::vector<std::string>& row) {
  std::string out = row.empty() ? "" : row.front();
  for (std::size_t i = 1; i < row.size() && i < table.columns.size(); ++i) {
    if (!row[i].empty()) out += "; " + table.columns[i] + ": " + row[i];
  }
  return out;
}

void put_section(Wrapped& out, const FormSection& section) {
  out.heading(section.heading);
  for (const std::string& text : section.paragraphs) out.paragraph("", text, 0);
  for (const auto& [label, value] : section.facts) out.paragraph(escaped(label) + ": ", value, 2);
  for (const FormTable& table : section.tables) {
    out.paragraph("", table.caption + ":", 0);
    for (const auto& row : table.rows) out.paragraph("- ", row_text(table, row), 2);
  }
}

}  // namespace

Result<std::string> text_form(const FormSource& source, unsigned width) {
  const Result<FormDocument> document = document_of(source);
  if (!document) return document.error();
  const std::string marking =
      document->marking.empty() ? "Classification: not stated" : document->marking;
  Wrapped out(width);
  out.line(marking);
  out.gap();
  out.paragraph("", document->outcome->title, 0);
  out.paragraph(std::string(document->outcome->sign) + " ", document->outcome->word, 4);
  out.paragraph("", document->meaning, 0);
  out.paragraph("May it leave? ",
                std::string(document->leave.word) +
                    (document->trusted ? "" : ": not checked against trusted keys here"),
                2);
  out.paragraph("Certificate ", document->id, 2);
  for (const FormSection& section : document->sections) {
    if (section.in_text) put_section(out, section);
  }
  out.gap();
  out.line(marking);
  return out.take();
}

}  // namespace quietus
