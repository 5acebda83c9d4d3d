// SPDX-License-Identifier: GPL-3.0-or-later
// Where passphrases come from. Never from the command line.
#include "cli/passphrase.h"

#include "quietus/text.h"

#include "cli/guarded_file.h"
#include "cli/records.h"

namespace quietus::cli {
namespace {

constexpr std::uint64_t kMaxPassphraseBytes = 4096;
constexpr const char* kCredential = "quietus-passphrase";

/// A line end belongs to the file, not to the passphrase.
std::string without_line_end(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

Result<std::string> from_file(Platform& platform, const std::string& path, Guarded kind) {
  Result<std::string> text = read_guarded_text(platform, path, kind, kMaxPassphraseBytes);
  if (!text) return text;
  return without_line_end(std::move(*text));
}

Result<std::string> from_terminal(Seams& seams, bool is_new) {
  Result<std::string> first = seams.read_hidden("Passphrase: ");
  if (!first || !is_new) return first;
  Result<std::string> again = seams.read_hidden("The same again: ");
  if (!again) return again;
  const bool same = *first == *again;
  wipe(std::as_writable_bytes(std::span(*again)));
  if (!same) return Error{Errc::invalid, 0, "the two passphrases differ"};
  return first;
}

Result<std::string> from_first_source(const Options& options, Seams& seams, bool is_new) {
  if (options.passphrase_fd) {
    Result<std::string> text = seams.read_descriptor(*options.passphrase_fd);
    if (!text) return text;
    return without_line_end(std::move(*text));
  }
  if (const auto folder = seams.platform.environment("CREDENTIALS_DIRECTORY")) {
    Result<std::string> text =
        from_file(seams.platform, join(*folder, kCredential), Guarded::credential);
    if (text || text.error().code != Errc::not_found) return text;
  }
  if (!options.passphrase_file.empty()) {
    return from_file(seams.platform, options.passphrase_file, Guarded::secret);
  }
  return from_terminal(seams, is_new);
}

}  // namespace

PassphraseSource passphrase_source(const Options& options, Seams& seams, bool is_new) {
  return [&options, &seams, is_new]() -> Result<std::string> {
    Result<std::string> text = from_first_source(options, seams, is_new);
    if (text && text->empty()) return Error{Errc::invalid, 0, "the passphrase is empty"};
    return text;
  };
}

}  // namespace quietus::cli
