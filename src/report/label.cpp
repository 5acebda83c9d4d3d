// SPDX-License-Identifier: GPL-3.0-or-later
// The label for the medium itself, 62 mm wide. It says RELEASE only where everything is certain.
#include "quietus/certificate_page.h"
#include "quietus/text.h"

#include "report/form_document.h"
#include "report/html_text.h"
#include "report/page_files.h"
#include "report/qr.h"

namespace quietus {
namespace {

// NOLINTNEXTLINE(google-build-using-namespace): this module's own
using namespace report;

constexpr std::string_view kStay = "NOT RELEASABLE";
constexpr std::size_t kDateLength = 10;

std::string line(std::string_view label, const std::string& value) {
  return "<div>" + element("dt", label) + element("dd", value.empty() ? "not stated" : value) +
         "</div>\n";
}

/// Each verdict has a frame of its own, so that it can be told from across a room.
std::string_view class_of(std::string_view word) {
  if (word == kStay) return "stay";
  return word == "RELEASE" ? "release" : "internal";
}

/// "sanitize block, purge"; without a category by what it was tried alone.
std::string method_line(const FormJson& json) {
  const std::string category = json.text_or_empty("/predicate/method/category");
  const std::string method = method_text(json);
  return category.empty() || category == "none" ? method : method + ", " + category;
}

}  // namespace

Result<std::string> label_page(const FormSource& source, const ContentDigest& digest) {
  const Result<FormJson> json = FormJson::from(source.statement);
  const Result<FormDocument> document = document_of(source);
  if (!json) return json.error();
  if (!document) return document.error();
  const Result<std::string> text = qr_text(document->id, source.digest);
  if (!text) return text.error();
  const Result<std::string> code = qr_svg(*text, "QR code of certificate id and digest");
  if (!code) return code.error();
  const std::string_view word = source.trusted ? document->leave.word : kStay;
  const std::string style(page_file("label.css"));
  const std::string issued = json->text_or_empty("/predicate/issued_at");
  return head_of({"Label " + document->id, style, digest(style)}) + "<body>\n<main>\n<h1 class=\"" +
         std::string(class_of(word)) + "\">" + html(word) + "</h1>\n" +
         element("p", document->outcome->word) + "\n" + *code + "<dl>\n" +
         line("Tag", json->text_or_empty("/predicate/asset/tag")) +
         line("Serial", json->text_or_empty("/predicate/asset/serial")) +
         line("Method", method_line(*json)) + line("Issued", issued.substr(0, kDateLength)) +
         line("Data", document->marking) + line("Id", document->id) +
         "</dl>\n</main>\n</body>\n</html>\n";
}

}  // namespace quietus
