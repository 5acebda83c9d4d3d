// SPDX-License-Identifier: GPL-3.0-or-later
// The envelope inside a page, in and out. Its bytes stand there as they are: an envelope that would
// need escaping is refused.
#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>

#include "quietus/certificate_page.h"
#include "quietus/strict_json.h"

#include "report/page_envelope.h"

namespace quietus {
namespace {

constexpr std::string_view kDoctype = "<!DOCTYPE html>\n";
constexpr std::string_view kTag = "<template";  // foreign text in a page never has a "<"
constexpr std::string_view kBegin = "<template id=\"quietus-envelope\">";
constexpr std::string_view kEnd = "</template>";

Error malformed(std::string_view what) { return {Errc::malformed, 0, std::string(what)}; }

bool can_stand_in_a_page(std::string_view envelope) {
  return envelope.find_first_of("<&>\r") == std::string_view::npos &&
         envelope.find('\0') == std::string_view::npos;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

}  // namespace

namespace report {

Result<std::string> embedded(std::string_view envelope) {
  if (!can_stand_in_a_page(envelope)) {
    return malformed("the envelope holds characters that cannot stand in a page");
  }
  return std::string(kBegin) + std::string(envelope) + std::string(kEnd) + "\n";
}

}  // namespace report

bool is_page(std::string_view text) { return text.starts_with('<'); }

Result<std::string> envelope_in_page(std::string_view page) {
  if (!page.starts_with(kDoctype)) return malformed("it is not a page that quietus made");
  const std::string folded = lower(page);
  const std::size_t tag = folded.find(kTag);
  if (tag == std::string::npos) return malformed("the page holds no certificate");
  if (folded.find(kTag, tag + 1) != std::string::npos) {
    return malformed("the page holds more than one certificate");
  }
  const std::size_t begin = page.find(kBegin);
  if (begin == std::string_view::npos) return malformed("the page holds no certificate");
  page.remove_prefix(begin + kBegin.size());
  const std::size_t end = page.find(kEnd);
  if (end == std::string_view::npos || !can_stand_in_a_page(page.substr(0, end))) {
    return malformed("the certificate in the page does not end as it has to");
  }
  return std::string(page.substr(0, end));
}

Result<std::string> with_receipts(std::string_view envelope,
                                  const std::vector<std::string>& receipts) {
  if (Status strict = check_strict_json(envelope); !strict) return strict.error();
  // Members in their order: everything but the receipts stays as it is.
  const auto json = nlohmann::ordered_json::parse(envelope.begin(), envelope.end(), nullptr, false);
  if (!json.is_object()) return malformed("the certificate is not a JSON object");
  std::vector<std::string> all;
  if (json.contains("receipts") && json["receipts"].is_array()) {
    for (const auto& item : json["receipts"]) {
      if (item.is_string()) all.push_back(item.get<std::string>());
    }
  }
  const std::size_t had = all.size();
  for (const std::string& text : receipts) {
    if (std::find(all.begin(), all.end(), text) == all.end()) all.push_back(text);
  }
  if (all.size() == had) return std::string(envelope);
  nlohmann::ordered_json with = json;
  with["receipts"] = all;
  return with.dump() + "\n";
}

}  // namespace quietus
