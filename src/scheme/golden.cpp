// SPDX-License-Identifier: GPL-3.0-or-later
// Known answers: every built-in scheme's bytes, held fast by a hash over all that one run writes.
#include "scheme/golden.h"

#include <algorithm>
#include <array>

#include "quietus/fill.h"
#include "quietus/keystream.h"
#include "quietus/known_answers.h"
#include "quietus/text.h"

namespace quietus {
namespace {

constexpr std::array kGolden{
    Golden{"moj-3r", "48f8444ce29f27772ffd8396d81876bc7c15918f87e190f70ab40204b0e74659"},
    Golden{"random", "8e90a6b6f506d89ac8ea157f36651b610725031ce869fa1dbd35c7a859dc86a7"},
    Golden{"zero", "e95ced606e37be253da2d0ba3255f3df9cbb49632c6410af69f2b2c36df40eef"},
    Golden{"one", "1ee65306f82274999a01b5edae5c5cb705947a2f3e256118ec776b0183b21700"},
    Golden{"ism-flash", "5e34f2d8d26c86db534bc9c8bbd54999fffd135db9e44b4bd0fd24a8c9363534"},
    Golden{"ism-hdd-old", "48f8444ce29f27772ffd8396d81876bc7c15918f87e190f70ab40204b0e74659"},
    Golden{"nist-usb", "0948902a99138c3f3f890f448d62cd6d1cafe8431d63b5d5807b3fefc941da76"},
    Golden{"is5-baseline", "e95ced606e37be253da2d0ba3255f3df9cbb49632c6410af69f2b2c36df40eef"},
    Golden{"is5-enhanced", "1dbd9c5391e6da7e4bbfcbb537af384c2361c6bdd7839821437bcf21063842d4"},
    Golden{"dod-e", "93485679a0c5fad72b05ea221a19df0c6364e83e42828227b0735e0e11bdf17a"},
    Golden{"dod-c", "13713d00a76b9d30233f5136d8295ea6421fec15c7e01e293d7dbb2f6eb7625f"},
    Golden{"dod-ece", "1aeb1c2c1354e290ef02906615f9eb256eb571f2a0b0d049c1d48e3248e3e69f"},
    Golden{"nnsa", "e54a7b21cdcc3b25fda59335d5c304731836100481b2b20ff075137f64260d91"},
    Golden{"afssi-5020", "0bbb92c3af02f115d1f725a6b6259ca2e9def41b6ecd4bb83038ca8caa0a8af5"},
    Golden{"ar380-19", "9c9d0bd7d30f5e470abe5641f70a70a488291f5798787c4f81bb725f4b266876"},
    Golden{"navso-rll", "1e002a234feade3f894332e179d85da1060c7183e36b11346e754a553f17cc0a"},
    Golden{"navso-mfm", "2c2eec18d3216efac6626849a0e3aeffb8d23f1d08589c72ac0cd6033bceb5ed"},
    Golden{"rcmp-ops2", "09f19d047d9f9ae84e1e7b2f06450a4acd6b2d3bf7624350179ae59d7991c491"},
    Golden{"csec-itsg06", "1dbd9c5391e6da7e4bbfcbb537af384c2361c6bdd7839821437bcf21063842d4"},
    Golden{"vsitr", "7966c0eabc8093a5352c3b0815df54ee08fe6fe749387034ba8900310cd290c0"},
    Golden{"scrub-bsi", "bb5c868d0140e7dae523177341c49ff07f7a77cc34f20eb587c3acb253f5655b"},
    Golden{"gost-50739", "417a5c7f19788c7168502449eccdeab13e1ae33359833b4c222b45878f6d0a1d"},
    Golden{"schneier7", "ae71619260251b64e25a765d753456f47e3a306d9a6e6b9234d1e8ee2f5e6bd1"},
    Golden{"pfitzner7", "2d098f743de1d45918297a40a64b3a4c2ac0c801d2c7b7ca84efe5553ffa4d52"},
    Golden{"pfitzner33", "6b590456cefa5e4ed8848dc781d6052157896244c3dcbf83c5d528345d93a876"},
    Golden{"gutmann35", "5cedc427c0bc160629643fe68a334ad4d465b25dcc3f9fc7937306a37ae4e795"},
    Golden{"bmb21", "9d6127c45649d8e93de15ec7b28f05044e06880db17fe88ec1a1e95357137261"},
    Golden{"nzsit402", "8e90a6b6f506d89ac8ea157f36651b610725031ce869fa1dbd35c7a859dc86a7"},
    Golden{"shred-3", "48f8444ce29f27772ffd8396d81876bc7c15918f87e190f70ab40204b0e74659"},
    Golden{"shred-64", "2392c751713ada98d3607841f326521d7ecc721ccf60ca42453eacf7d4e63cae"},
};

constexpr std::size_t kChunkBytes = 65536;

bool holds(const Golden& golden) {
  const auto scheme = find_scheme(golden.scheme);
  if (!scheme) return false;
  const auto digest = trace_digest(*scheme);
  return digest && to_hex(*digest) == golden.sha256;
}

}  // namespace

std::span<const Golden> golden_hashes() { return kGolden; }

Result<Digest> trace_digest(const Scheme& scheme) {
  const auto backend = find_keystream("aes_256_ctr");
  if (!backend) return backend.error();
  const std::vector<std::byte> job_bytes(Secret::kBytes, kGoldenSecretByte);
  const auto job = Secret::from(job_bytes);
  if (!job) return job.error();
  const auto passes = prepare(scheme, 1, *job, 0, **backend);
  if (!passes) return passes.error();
  Sha256 hash;
  std::vector<std::byte> chunk(kChunkBytes);
  for (const PassContent& pass : *passes) {
    for (std::uint64_t offset = 0; offset < kGoldenMediumBytes; offset += kChunkBytes) {
      const auto size = std::min<std::uint64_t>(kChunkBytes, kGoldenMediumBytes - offset);
      const auto part = std::span(chunk).first(static_cast<std::size_t>(size));
      fill(pass, 0, offset, part);
      hash.update(part);
    }
  }
  return hash.finish();
}

std::vector<KnownAnswer> scheme_known_answers() {
  std::vector<KnownAnswer> answers;
  for (const Golden& golden : golden_hashes()) {
    KnownAnswer answer;
    answer.name = golden.scheme;
    answer.ok = holds(golden);
    answers.push_back(answer);
  }
  return answers;
}

}  // namespace quietus
