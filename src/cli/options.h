// SPDX-License-Identifier: GPL-3.0-or-later
// Options: the command line as values. The only place that knows how options are spelt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "quietus/plan.h"

namespace quietus::cli {

enum class Command {
  files,
  drives,
  free_space,
  plan,
  run_plan,
  letter,
  policies,
  resume,
  recheck,
  status,
  list,
  schemes,
  certificate_verify,
  certificate_show,
  certificate_sign,
  certificate_redact,
  certificate_unpack,
  certificate_render,
  certificate_verifier,
  key_new,
  key_list,
  key_export,
  trust_add,
  trust_revoke,
  trust_list,
  ledger_verify,
  ledger_show,
  selftest,
  demo,
};

enum class ProgressChoice { automatic, bar, log, none };

/// Everything that was said on the command line; what was not said has its default.
struct Options {
  Command command = Command::selftest;
  std::vector<std::string> paths;  ///< operands, in order

  std::string scheme = "moj-3r";
  std::string scheme_file;
  std::uint32_t rounds = 1;
  std::string keystream;  ///< empty: chosen by the processor
  VerifyMode verify = VerifyMode::full;
  std::uint32_t sample_ppm = 0;  ///< of `--verify sample=PCT` and `recheck --sample`; 0: all
  bool recursive = false;
  bool keep = false;
  bool best_effort = false;
  bool skip_refused = false;
  bool dry_run = false;
  bool yes = false;
  bool withhold_final_key = false;
  bool accept_clock = false;
  bool allow_member = false;
  std::vector<std::string> expect_serials;
  std::vector<std::string> expect_wwns;
  std::vector<std::uint64_t> expect_sizes;
  NameMode names = NameMode::plain;
  bool all_links = false;
  bool this_link = false;
  bool clear_attributes = false;
  bool deep = false;
  bool chase = false;
  bool slack = false;
  bool prove = false;
  bool to_the_last_block = false;
  bool clean_up = false;
  std::optional<std::uint64_t> reserve_bytes;
  std::uint32_t stall_timeout_s = 0;
  std::string method;         ///< of `drives`: a word; empty: not said
  bool passes_given = false;  ///< --scheme, --scheme-file, --rounds or --keystream
  bool then_overwrite = false;
  bool keep_hidden_area = false;
  bool allow_usb_security = false;
  bool allow_unrestricted_exit = false;
  bool allow_format_unit = false;
  bool with_siblings = false;
  std::string psid;
  std::string psid_file;
  bool wait = false;                 ///< of `status`, and so the following
  bool leave_failure_state = false;  ///< --exit-failure-mode
  std::uint64_t minimum_bytes_per_second = 0;

  bool json = false;
  bool quiet = false;
  bool verbose = false;
  ProgressChoice progress = ProgressChoice::automatic;

  std::string state_dir;  ///< empty: the account's own
  bool volatile_state = false;
  std::string certificate_dir;  ///< empty: in the state folder
  std::string manifest;
  std::string key;
  std::optional<int> passphrase_fd;
  std::string passphrase_file;
  std::string trust;
  std::string revoked;  ///< beside `trust`

  Declarations declarations;
  bool classification_given = false;
  std::vector<std::string> policies;  ///< ids, in order
  std::string policy_file;
  bool enforce = false;
  std::vector<std::string> overrides;  ///< RULE=REASON
  std::string override_by;
  std::string override_ref;
  std::string site_file;  ///< empty: the machine's own, if there is one
  bool toml = false;      ///< of `policies`
  std::string approval_ref;

  Command planned = Command::files;  ///< of `plan`: what is planned
  std::string out;                   ///< a new file; empty: standard output
  std::string not_after;             ///< of `plan`, as given
  bool html = false;                 ///< of `letter`, and so the following
  std::string date;
  std::string signatory;
  std::string position;
  std::string addressee;

  std::string role;        ///< of `key new` and `key export`
  std::string name;        ///< of `key new`
  std::string format;      ///< of `key export` and `certificate render`
  bool secret = false;     ///< of `key export`
  std::string secret_out;  ///< of `key export --secret`

  std::string principal;  ///< of `trust add`
  std::string from;       ///< of `trust add` and `trust revoke`, as given
  std::string until;
  std::string reason;  ///< of `trust revoke`

  std::vector<std::string> needs;      ///< of `certificate verify`: roles
  std::string asset;                   ///< of `certificate verify`
  std::vector<std::string> decide_by;  ///< of `certificate verify --policy`: ids or files
  std::string declare;                 ///< of `certificate sign`
  std::vector<std::string> withhold;   ///< of `certificate redact`: groups
};

/// The command line asks for help or the version, or is wrong: what to print, where, and the exit
/// code.
struct EarlyExit {
  std::string out;
  std::string err;
  int exit_code = 0;
};

/// Reads the command line (without the program's name). An empty argument anywhere is a usage
/// error: it is most often an unset variable in a script.
[[nodiscard]] std::variant<Options, EarlyExit> parse(const std::vector<std::string>& arguments);

}  // namespace quietus::cli
