// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus recheck`: compares a medium with what a certificate says it holds, from the certificate
// alone. Reads the medium, never writes to it.
#include <array>
#include <optional>
#include <ostream>
#include <utility>

#include "quietus/report.h"
#include "quietus/stream.h"

#include "cli/app.h"
#include "cli/diagnostics.h"
#include "cli/recheck_medium.h"
#include "cli/recheck_record.h"
#include "cli/recheck_text.h"
#include "cli/records.h"
#include "cli/trust_lookup.h"

namespace quietus::cli {
namespace {

constexpr std::uint64_t kMaxCertificateBytes = std::uint64_t{8} << 20;

int refused_exit() { return row_of(Outcome::refused).exit_code; }

Finding refusal(std::string code, const std::string& object, const Error& error) {
  return {Finding::Level::refusal, std::move(code), object, error.what, error.hint};
}

/// Why a medium could not be opened.
struct CodeRow {
  Errc error;
  const char* code;
};

std::string code_for(Errc error) {
  constexpr std::array<CodeRow, 5> kCodes{{{Errc::not_found, "not_found"},
                                           {Errc::permission, "no_permission"},
                                           {Errc::changed, "changed"},
                                           {Errc::unsupported, "not_a_medium"},
                                           {Errc::busy, "open_elsewhere"}}};
  for (const CodeRow& row : kCodes) {
    if (row.error == error) return row.code;
  }
  return "unreadable";
}

/// One recheck. Each step answers why it ends there, or nothing.
class RecheckSession {
 public:
  RecheckSession(const Options& options, Seams& seams) : options_(options), seams_(seams) {}

  int run() {
    using Step = std::optional<int> (RecheckSession::*)();
    for (const Step step : {&RecheckSession::read_certificate, &RecheckSession::open_medium,
                            &RecheckSession::open_records, &RecheckSession::compare}) {
      if (const std::optional<int> end = (this->*step)()) return *end;
    }
    return conclude();
  }

 private:
  [[nodiscard]] const std::string& certificate() const { return options_.paths.at(0); }
  [[nodiscard]] const std::string& medium() const { return options_.paths.at(1); }

  /// Nothing was compared.
  int refuse(const std::vector<Finding>& reasons, int exit_code) {
    for (const Finding& reason : reasons) print_finding(seams_.console.err, reason);
    if (options_.json) print_recheck_refusal_json(seams_.console.out, reasons, exit_code);
    return exit_code;
  }

  int usage_error(const Error& error) {
    print_error(seams_.console.err, error);
    return kExitUsage;
  }

  std::optional<int> read_certificate() {
    const Result<TrustStore> trust = look_up_trust(options_, seams_);
    if (!trust) return usage_error(trust.error().in("cannot use the trusted keys"));
    const Result<std::string> text =
        read_text(seams_.platform, certificate(), kMaxCertificateBytes);
    if (!text) {
      if (text.error().code != Errc::invalid) return usage_error(text.error());
      return refuse({refusal("certificate_malformed", certificate(), text.error())},
                    kExitMalformed);
    }
    const CertificateCheck check = check_certificate(*text, *trust);
    if (check.exit_code != kExitOk) return distrust(check);
    Result<RecheckBasis> basis = recheck_basis(check);
    if (!basis && basis.error().code == Errc::malformed) {
      return refuse({refusal("certificate_malformed", certificate(), basis.error())},
                    kExitMalformed);
    }
    if (!basis) {
      return refuse({refusal("nothing_to_compare_with", certificate(), basis.error())},
                    refused_exit());
    }
    result_.basis = std::move(*basis);
    return std::nullopt;
  }

  int distrust(const CertificateCheck& check) {
    Error why{Errc::untrusted, 0, "does not hold: " + check.reason};
    if (check.exit_code == kExitSignerUntrusted)
      why.hint = "name the keys that count with --trust FILE";
    const bool malformed = check.exit_code == kExitMalformed;
    return refuse({refusal(malformed ? "certificate_malformed" : "certificate_untrusted",
                           certificate(), why)},
                  check.exit_code);
  }

  std::optional<int> open_medium() {
    Result<OpenMedium> opened = open_for_recheck(seams_.platform, medium());
    if (!opened) {
      return refuse({refusal(code_for(opened.error().code), medium(), opened.error())},
                    refused_exit());
    }
    opened_ = std::move(*opened);
    result_.medium = opened_.facts;
    const std::vector<Finding> other =
        compare_identity(result_.basis, result_.medium, result_.identity);
    if (!other.empty()) return refuse(other, refused_exit());
    return std::nullopt;
  }

  std::optional<int> open_records() {
    Result<RecheckRecorder> recorder = RecheckRecorder::open(options_, seams_);
    if (!recorder) {
      return refuse({refusal("state_unusable", "the record", recorder.error())}, refused_exit());
    }
    recorder_.emplace(std::move(*recorder));
    return std::nullopt;
  }

  std::optional<int> compare() {
    StopFlag stop;
    Comparison how{options_.sample_ppm, seams_.random, seams_.clock, stop};
    // On one processor more workers only take turns.
    how.workers = seams_.platform.processors() > 1 ? kWorkersPerMedium : 1;
    Status compared;
    diagnose("comparing");
    const auto no_status = [] {};
    seams_.with_signals(stop, no_status,
                        [&] { compared = compare_content(opened_, how, result_); });
    if (!compared) {
      return refuse({refusal("nothing_to_compare_with", medium(), compared.error())},
                    refused_exit());
    }
    const std::uint64_t seen = result_.compared_bytes + result_.unreadable_bytes;
    if (seen == result_.planned_bytes) return std::nullopt;
    return refuse({refusal("interrupted", medium(), interrupted_after(seen))},
                  row_of(Outcome::interrupted).exit_code);
  }

  [[nodiscard]] Error interrupted_after(std::uint64_t seen) const {
    const std::string differed = result_.mismatched_bytes == 0
                                     ? "nothing differed so far"
                                     : human_bytes(result_.mismatched_bytes) + " differed";
    return {Errc::interrupted, 0,
            "stopped after " + human_bytes(seen) + " of " + human_bytes(result_.planned_bytes) +
                "; " + differed};
  }

  int conclude() {
    const RecheckRecord record = recorder_->record(result_);
    const bool recorded = record.problems.empty();
    const int exit_code = recorded ? row_of(result_.verdict()).exit_code : kExitUnrecorded;
    if (options_.json) {
      print_recheck_json(seams_.console.out, result_, record, exit_code);
    } else if (!options_.quiet) {
      print_recheck(seams_.console.out, result_, record);
    }
    for (const Error& problem : record.problems) print_error(seams_.console.err, problem);
    if (options_.quiet && result_.verdict() != RecheckVerdict::matches) {
      const std::string sentence(row_of(result_.verdict()).sentence);
      print_error(seams_.console.err, {Errc::io, 0, medium() + ": " + sentence});
    }
    return exit_code;
  }

  const Options& options_;
  Seams& seams_;
  RecheckResult result_;
  OpenMedium opened_;
  std::optional<RecheckRecorder> recorder_;
};

}  // namespace

int run_recheck(const Options& options, Seams& seams) {
  return RecheckSession(options, seams).run();
}

}  // namespace quietus::cli
