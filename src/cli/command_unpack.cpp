// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus certificate unpack`: a record in the forms that other programs check, in a new folder.
// Names in it are fixed: nothing of the record decides where something is written.
#include <map>
#include <ostream>
#include <string_view>
#include <utility>

#include "quietus/certificate.h"
#include "quietus/certificate_check.h"
#include "quietus/envelope.h"
#include "quietus/outcome.h"
#include "quietus/report.h"
#include "quietus/signify.h"
#include "quietus/ssh_signature.h"
#include "quietus/text.h"

#include "cli/app.h"
#include "cli/certificate_file.h"
#include "cli/records.h"
#include "cli/trust_lookup.h"
#include "embedded/unpack_files.h"

namespace quietus::cli {
namespace {

using Files = std::vector<std::pair<std::string, std::string>>;

constexpr std::uint32_t kFolderMode = 0755;

/// What is known of the signers: from their SSHSIGs, and from the trusted keys.
struct Known {
  std::map<std::string, PublicKey> keys;          // by key id
  std::map<std::string, std::string> armored;     // SSHSIG by key id
  std::map<std::string, std::string> namespaces;  // of the SSHSIG
};

Known known_of(const Envelope& envelope, const TrustStore& trust) {
  Known known;
  for (const std::string& text : envelope.attachments) {
    const Result<SshSignature> signature = ssh_signature_from(text);
    if (!signature) continue;
    const std::string id = key_id_of(signature->key);
    known.keys.insert_or_assign(id, signature->key);
    known.armored[id] = text;
    known.namespaces[id] = signature->name_space;
  }
  for (const TrustedKey& key : trust.keys) {
    known.keys.insert_or_assign(key_id_of(key.key), key.key);
  }
  return known;
}

/// Whose the keys are is for whoever uses the file to find out: the principals are places.
std::string allowed_signers(const Envelope& envelope, const Known& known) {
  std::string text =
      "# An example for ssh-keygen -Y verify: put names that you know in the place of signer-N.\n";
  for (std::size_t i = 0; i < envelope.signatures.size(); ++i) {
    const std::string& id = envelope.signatures[i].key_id;
    const auto key = known.keys.find(id);
    const auto name_space = known.namespaces.find(id);
    if (key == known.keys.end() || name_space == known.namespaces.end()) continue;
    text += "signer-" + std::to_string(i) + " namespaces=\"" + name_space->second + "\" " +
            to_ssh_key(key->second) + "\n";
  }
  return text;
}

void add_signer(Files& files, std::size_t place, const EnvelopeSignature& signature,
                const Known& known) {
  const std::string name = "signer-" + std::to_string(place);
  files.emplace_back(name + ".bin", text_of(signature.signature));
  if (const auto key = known.keys.find(signature.key_id); key != known.keys.end()) {
    files.emplace_back(name + ".pem", to_pem(key->second));
    files.emplace_back(name + ".pub", to_signify(key->second, name + " public key"));
    files.emplace_back(name + ".sig", to_signify(key->second, signature.signature,
                                                 "verify with " + name + ".pub"));
  }
  if (const auto armored = known.armored.find(signature.key_id); armored != known.armored.end()) {
    files.emplace_back(name + ".sshsig", armored->second);
  }
}

Files files_of(const CertificateFile& file, const Envelope& envelope, const CertificateCheck& check,
               const TrustStore& trust) {
  const Known known = known_of(envelope, trust);
  Files files{{"certificate.json", file.envelope},
              {"statement.json", envelope.body},
              {"pae", pae(kPayloadType, envelope.body)},
              {"allowed_signers", allowed_signers(envelope, known)},
              {"verify.sh", std::string(unpack_files().front().content)}};
  if (check.full_statement != check.statement) {
    files.emplace_back("full-statement.json", check.full_statement);
  }
  for (std::size_t i = 0; i < envelope.signatures.size(); ++i) {
    add_signer(files, i, envelope.signatures[i], known);
  }
  std::vector<std::string> receipts = envelope.receipts;
  receipts.insert(receipts.end(), file.receipts.begin(), file.receipts.end());
  for (std::size_t i = 0; i < receipts.size(); ++i) {
    files.emplace_back("receipt-" + std::to_string(i) + ".tlog-proof", receipts[i]);
  }
  std::size_t number = 0;
  for (const std::string& text : envelope.attachments) {
    if (!text.starts_with('{')) continue;
    files.emplace_back("attached-" + std::to_string(number++) + ".json", text);
  }
  return files;
}

Status write_folder(const std::string& path, const Files& files, Platform& platform) {
  const Result<Location> place = platform.locate(path);
  if (!place) return place.error();
  if (Status made = place->directory->make_directory_at(place->name, kFolderMode); !made) {
    return made.error();
  }
  auto folder = place->directory->open_directory_at(place->name);
  if (!folder) return folder.error();
  for (const auto& [name, text] : files) {
    if (Status written = write_new_file(**folder, name, text); !written) {
      return written.error().in(name);
    }
  }
  return place->directory->sync();
}

}  // namespace

int run_certificate_unpack(const Options& options, Seams& seams) {
  Console& console = seams.console;
  const auto fail = [&console](const Error& error, int exit_code) {
    print_error(console.err, error);
    return exit_code;
  };
  const Result<TrustStore> trust = look_up_trust(options, seams);
  if (!trust) return fail(trust.error().in("cannot use the trusted keys"), kExitUsage);
  const Result<CertificateFile> file = read_certificate_file(options.paths.front(), seams.platform);
  if (!file) return report_unreadable(console, file.error());
  const Result<Envelope> envelope = envelope_from(file->envelope);
  if (!envelope) return fail(envelope.error().in(options.paths.front()), kExitMalformed);
  const CertificateCheck check = check_certificate(file->envelope, *trust);
  const Files files = files_of(*file, *envelope, check, *trust);
  if (Status written = write_folder(options.out, files, seams.platform); !written) {
    return fail(written.error().in("cannot unpack to " + options.out), 1);
  }
  if (options.quiet) return kExitOk;
  for (const auto& one : files) {
    console.out << "wrote " << escaped(join(options.out, one.first)) << "\n";
  }
  if (check.exit_code != kExitOk) {
    print_error(console.err, {Errc::untrusted, 0, "do not rely on it: " + check.reason});
  }
  return kExitOk;
}

}  // namespace quietus::cli
