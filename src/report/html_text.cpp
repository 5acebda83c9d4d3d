// SPDX-License-Identifier: GPL-3.0-or-later
// The smallest parts of HTML pages.
#include "report/html_text.h"

#include "quietus/text.h"

namespace quietus::report {
namespace {

std::string_view entity_of(char c) {
  constexpr std::string_view kSpecial = "&<>\"'";
  constexpr std::string_view kEntities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
  const std::size_t at = kSpecial.find(c);
  return at == std::string_view::npos ? std::string_view() : kEntities[at];
}

}  // namespace

std::string html(std::string_view text) {
  std::string out;
  for (const char c : escaped(text)) {
    const std::string_view entity = entity_of(c);
    if (entity.empty()) {
      out += c;
    } else {
      out += entity;
    }
  }
  return out;
}

std::string element(std::string_view tag, std::string_view text) {
  return "<" + std::string(tag) + ">" + html(text) + "</" + std::string(tag) + ">";
}

std::string head_of(const PageHead& head) {
  return "<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
         "'sha256-" +
         head.style_digest +
         "'; base-uri 'none'; form-action 'none'\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"referrer\" content=\"no-referrer\">\n" +
         element("title", head.title) + "\n<style>" + head.style + "</style>\n</head>\n";
}

}  // namespace quietus::report
