// SPDX-License-Identifier: GPL-3.0-or-later
// Key files in a directory: who may have touched one that we trust, and how a new one is made whole
// or not at all.
#include "quietus/key_file.h"

#include <algorithm>
#include <array>

#include "crypto/key_text.h"

namespace quietus {
namespace {

constexpr std::size_t kMaxFileBytes = 4096;
constexpr std::uint32_t kSecretMode = 0600;
constexpr std::uint32_t kPublicMode = 0644;
constexpr std::uint32_t kGroupAndOthers = 0077;
constexpr std::uint64_t kRoot = 0;

struct RoleEntry {
  KeyRole role;
  std::string_view name;
  bool unattended;
};

constexpr std::array<RoleEntry, 5> kRoles = {{
    {KeyRole::machine, "machine", true},
    {KeyRole::log, "log", true},
    {KeyRole::operator_, "operator", false},
    {KeyRole::witness, "witness", false},
    {KeyRole::approver, "approver", false},
}};

const RoleEntry& entry_of(KeyRole role) { return kRoles.at(static_cast<std::size_t>(role)); }

/// The key file's name with its extension, if any, replaced by ".pem".
std::string public_name_of(const std::string& file_name) {
  const std::size_t dot = file_name.rfind('.');
  const bool has_extension = dot != std::string::npos && dot != 0;
  return (has_extension ? file_name.substr(0, dot) : file_name) + ".pem";
}

struct NewFile {
  std::string name;
  std::uint32_t mode;
  std::string_view content;
};

Status require_absent(Directory& directory, const std::string& name) {
  const auto found = directory.inspect_at(name);
  if (found) return Error{Errc::exists, 0, std::string(name) + " exists already"};
  if (found.error().code == Errc::not_found) return {};
  return found.error();
}

Status write_all(Medium& medium, std::span<const std::byte> data) {
  for (std::uint64_t offset = 0; !data.empty();) {
    const auto written = medium.write_at(data, offset, Transfer::buffered);
    if (!written) return written.error();
    if (*written == 0) return Error{Errc::io, 0, "nothing could be written"};
    data = data.subspan(*written);
    offset += *written;
  }
  return medium.flush();
}

Status make_temporary(Directory& directory, const std::string& name, const NewFile& file) {
  const auto medium = directory.create_at(name, file.mode);
  if (!medium) return medium.error();
  Status written = write_all(**medium, bytes_of(file.content));
  if (!written) static_cast<void>(directory.unlink_at(name));  // the first error is the one to tell
  return written;
}

/// Leaves the whole file under its name or nothing.
Status write_new_file(Directory& directory, const NewFile& file, Random& random) {
  std::array<std::byte, 8> suffix{};
  if (Status filled = random.fill(suffix); !filled) return filled;
  const std::string temporary = "." + file.name + "." + to_hex(suffix);
  if (Status made = make_temporary(directory, temporary, file); !made) return made;
  if (Status renamed = directory.rename_at(temporary, file.name); !renamed) {
    static_cast<void>(directory.unlink_at(temporary));
    return renamed;
  }
  Status synced = directory.sync();
  if (!synced) static_cast<void>(directory.unlink_at(file.name));
  return synced;
}

/// Asks for the passphrase and seals the seed with it.
Result<std::string> sealed_body(const NamedKey& key, const KeyHeader& header,
                                const PassphraseSource& source) {
  if (!source) return Error{Errc::invalid, 0, "a key of a person needs a passphrase"};
  auto passphrase = source();
  if (!passphrase) return passphrase.error();
  const WipedAtEnd wiped(*passphrase);
  if (passphrase->empty()) return Error{Errc::invalid, 0, "the passphrase is empty"};
  return seal_seed(key.key.seed(), *header.encryption, to_text(header), *passphrase);
}

Result<std::string> new_content(const NamedKey& key, const std::string& machine_id,
                                const PassphraseSource& source, Random& random) {
  KeyHeader header{key.name, key.role, key.created, key.key.public_key(), {}, {}};
  if (is_unattended(key.role)) {
    header.machine = machine_id.empty() ? "none" : machine_mark(machine_id);
  } else {
    auto encryption = new_key_encryption(random);
    if (!encryption) return encryption.error();
    header.encryption = *encryption;
  }
  auto body = header.encryption ? sealed_body(key, header, source)
                                : Result<std::string>(to_base64(key.key.seed().bytes()));
  if (!body) return body;
  const WipedAtEnd wiped(*body);
  std::string content;
  content.reserve(kMaxFileBytes);  // never grown: a copy left behind could not be wiped
  content.append(to_text(header)).append("\n").append(*body).append("\n");
  return content;
}

Status write_both(Directory& directory, const std::string& file_name, const NamedKey& key,
                  std::string_view content, Random& random) {
  const NewFile secret{file_name, kSecretMode, content};
  if (Status written = write_new_file(directory, secret, random); !written) return written;
  const std::string pem = to_pem(key.key.public_key());
  const NewFile public_half{public_name_of(file_name), kPublicMode, pem};
  Status written = write_new_file(directory, public_half, random);
  if (!written) static_cast<void>(directory.unlink_at(file_name));
  return written;
}

Status check_attributes(const Attributes& attributes, const std::string& file_name,
                        std::uint64_t reader_uid) {
  const auto refused = [](const char* why) { return Error{Errc::permission, 0, why}; };
  if (attributes.kind != NodeKind::regular) return refused("it is not a regular file");
  if (attributes.links != 1) return refused("it has several links");
  if (attributes.owner != reader_uid && attributes.owner != kRoot) {
    Error error = refused("it belongs to somebody else");
    error.hint =
        "if nobody can have changed it: chown " + std::to_string(reader_uid) + " " + file_name;
    return error;
  }
  if ((attributes.mode & kGroupAndOthers) != 0) {
    Error error = refused("others have access to it");
    error.hint = "if nobody can have read it: chmod 600 " + file_name + "; else make a new key";
    return error;
  }
  return {};
}

using FileBuffer = std::array<std::byte, kMaxFileBytes + 1>;

/// The whole content, which must be shorter than the buffer.
Result<std::string_view> read_all(Medium& medium, FileBuffer& buffer) {
  std::size_t size = 0;
  while (size < buffer.size()) {
    const auto got = medium.read_at(std::span(buffer).subspan(size), size, Transfer::buffered);
    if (!got) return got.error();
    if (*got == 0) return std::string_view(reinterpret_cast<const char*>(buffer.data()), size);
    size += *got;
  }
  return Error{Errc::malformed, 0, "not a key file: too long"};
}

Result<Secret> stored_seed(const KeyText& text) {
  auto seed = from_base64(text.body);
  if (!seed) return seed.error();
  const WipedAtEnd wiped(*seed);
  if (seed->size() != Secret::kBytes) return Error{Errc::malformed, 0, "not a key file: bad key"};
  return Secret::from(*seed);
}

Result<Secret> encrypted_seed(const KeyText& text, const PassphraseSource& source) {
  if (!source) return Error{Errc::invalid, 0, "its passphrase is needed"};
  auto passphrase = source();
  if (!passphrase) return passphrase.error();
  const WipedAtEnd wiped(*passphrase);
  if (passphrase->empty()) return Error{Errc::invalid, 0, "the passphrase is empty"};
  return unseal_seed(text, *passphrase);
}

Status check_machine(const KeyHeader& header, const std::string& machine_id) {
  if (header.encryption || header.machine == "none") return {};
  if (!machine_id.empty() && header.machine == machine_mark(machine_id)) return {};
  return Error{Errc::untrusted, 0, "it was made on another machine",
               "use the key on the machine it was made on, or move it and its .pem away: a new one "
               "is made on next use"};
}

Result<NamedKey> named_key_from(std::string_view content, const std::string& machine_id,
                                const PassphraseSource& passphrase) {
  const auto text = key_text_from(content);
  if (!text) return text.error();
  const KeyHeader& header = text->header;
  if (const Status ours = check_machine(header, machine_id); !ours) return ours.error();
  auto seed = header.encryption ? encrypted_seed(*text, passphrase) : stored_seed(*text);
  if (!seed) return seed.error();
  auto key = SigningKey::from_seed(*std::move(seed));
  if (!key) return key.error();
  if (key->public_key() != header.public_key) {
    return Error{Errc::malformed, 0, "its public half belongs to another key"};
  }
  const bool host_bound = !header.encryption && header.machine != "none";
  return NamedKey{header.name, header.role, header.created, host_bound, *std::move(key)};
}

/// The file's content in the buffer, if nobody else could have touched it.
Result<std::string_view> checked_content(Directory& directory, const std::string& file_name,
                                         std::uint64_t reader_uid, FileBuffer& buffer) {
  const auto medium = directory.open_at(file_name, Access::read);
  if (!medium) return medium.error();
  const auto attributes = (*medium)->attributes();
  if (!attributes) return attributes.error();
  if (const Status fit = check_attributes(*attributes, file_name, reader_uid); !fit) {
    return fit.error();
  }
  return read_all(**medium, buffer);
}

Result<KeyFacts> facts_from(std::string_view content, const std::string& machine_id) {
  const auto text = key_text_from(content);
  if (!text) return text.error();
  const KeyHeader& header = text->header;
  if (const auto strong = from_pem(to_pem(header.public_key)); !strong) return strong.error();
  KeyFacts facts{header.name, header.role, header.created, header.public_key};
  facts.encrypted = header.encryption.has_value();
  facts.bound = !facts.encrypted && header.machine != "none";
  facts.bound_here =
      facts.bound && !machine_id.empty() && header.machine == machine_mark(machine_id);
  return facts;
}

Status check_names(Directory& directory, const std::string& file_name, std::string_view holder) {
  if (!is_key_holder(holder)) {
    return Error{Errc::invalid, 0, "a key's name has 1 to 255 printable bytes"};
  }
  const std::string public_name = public_name_of(file_name);
  if (public_name == file_name) {
    return Error{Errc::invalid, 0, "a name that ends in .pem is for the public half"};
  }
  for (const std::string& name : {file_name, public_name}) {
    if (Status absent = require_absent(directory, name); !absent) return absent;
  }
  return {};
}

}  // namespace

std::string_view name_of(KeyRole role) { return entry_of(role).name; }

Result<KeyRole> key_role_from(std::string_view name) {
  for (const RoleEntry& entry : kRoles) {
    if (entry.name == name) return entry.role;
  }
  return Error{Errc::not_found, 0, "there is no key role \"" + std::string(name) + "\""};
}

bool is_unattended(KeyRole role) { return entry_of(role).unattended; }

Status write_key_file(Directory& directory, const std::string& file_name, const NamedKey& key,
                      const KeyGuard& guard, Random& random) {
  const std::string doing = "cannot write key " + std::string(file_name);
  const Status fit = check_names(directory, file_name, key.name);
  if (!fit) return fit.error().in(doing);
  auto content = new_content(key, guard.machine_id, guard.passphrase, random);
  if (!content) return content.error().in(doing);
  const WipedAtEnd wiped(*content);
  const Status written = write_both(directory, file_name, key, *content, random);
  if (!written) return written.error().in(doing);
  return {};
}

Result<NamedKey> read_key_file(Directory& directory, const std::string& file_name,
                               const KeyGuard& guard, std::uint64_t reader_uid) {
  const std::string doing = "cannot read key " + file_name;
  FileBuffer buffer{};
  const WipedAtEnd wiped(buffer);
  const auto content = checked_content(directory, file_name, reader_uid, buffer);
  if (!content) return content.error().in(doing);
  auto key = named_key_from(*content, guard.machine_id, guard.passphrase);
  if (!key) return key.error().in(doing);
  return key;
}

Result<KeyFacts> inspect_key_file(Directory& directory, const std::string& file_name,
                                  const std::string& machine_id, std::uint64_t reader_uid) {
  const std::string doing = "cannot read key " + file_name;
  FileBuffer buffer{};
  const WipedAtEnd wiped(buffer);
  const auto content = checked_content(directory, file_name, reader_uid, buffer);
  if (!content) return content.error().in(doing);
  auto facts = facts_from(*content, machine_id);
  if (!facts) return facts.error().in(doing);
  return facts;
}

}  // namespace quietus
