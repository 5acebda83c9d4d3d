// SPDX-License-Identifier: GPL-3.0-or-later
// QR codes: what they hold, and how they are drawn.
#include "report/qr.h"

#include <memory>
#include <qrencode.h>

#include "quietus/certificate_page.h"
#include "quietus/text.h"

namespace quietus {
namespace {

constexpr std::string_view kBase45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";  // RFC 9285
constexpr std::string_view kUuidPrefix = "urn:uuid:";
constexpr std::size_t kUuidBytes = 16;
constexpr std::size_t kDigestBytes = 32;

/// Two bytes to three characters, the least significant first.
std::string base45(std::span<const std::byte> bytes) {
  std::string out;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const unsigned pair =
        std::to_integer<unsigned>(bytes[i]) * 256 + std::to_integer<unsigned>(bytes[i + 1]);
    out += kBase45[pair % 45];
    out += kBase45[pair / 45 % 45];
    out += kBase45[pair / (45 * 45)];
  }
  return out;
}

}  // namespace

Result<std::string> qr_text(std::string_view certificate_id, std::string_view digest) {
  const Error error{Errc::malformed, 0, "not a certificate's id and digest"};
  if (!certificate_id.starts_with(kUuidPrefix)) return error;
  std::string hex(certificate_id.substr(kUuidPrefix.size()));
  std::erase(hex, '-');
  Result<Bytes> bytes = from_hex(hex);
  const Result<Bytes> more = from_hex(digest);
  if (!bytes || !more || bytes->size() != kUuidBytes || more->size() != kDigestBytes) return error;
  bytes->insert(bytes->end(), more->begin(), more->end());
  return "QT1:" + base45(*bytes);
}

namespace report {

Result<std::string> qr_svg(const std::string& text, std::string_view title) {
  constexpr int kQuietModules = 4;  // ISO/IEC 18004 §5.3.8
  const std::unique_ptr<QRcode, void (*)(QRcode*)> code(
      QRcode_encodeString(text.c_str(), 0, QR_ECLEVEL_M, QR_MODE_8, 1), QRcode_free);
  if (!code) return Error{Errc::internal, 0, "the QR code could not be made"};
  std::string path;
  for (int y = 0; y < code->width; ++y) {
    for (int x = 0; x < code->width; ++x) {
      if ((code->data[y * code->width + x] & 1U) == 0) continue;
      path += "M" + std::to_string(x + kQuietModules) + " " + std::to_string(y + kQuietModules) +
              "h1v1h-1z";
    }
  }
  const std::string side = std::to_string(code->width + 2 * kQuietModules);
  return "<svg class='qr' role='img' viewBox='0 0 " + side + " " + side +
         "' shape-rendering='crispEdges'><title>" + std::string(title) + "</title><rect width='" +
         side + "' height='" + side + "' fill='#fff'/><path fill='#000' d='" + path + "'/></svg>\n";
}

}  // namespace report
}  // namespace quietus
