#pragma once

#include "core/base/clock.hpp"
#include "core/base/random.hpp"
#include "core/net/http.hpp"
#include "core/wire/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// The exchange with the server as a pure state machine: events in, actions out. It owns no socket, no store and no
/// thread, reads no clock and waits for nobody; whoever drives it performs the actions and reports what came of them.
///
///   start -> LoadOutbox -> (OutboxLoaded) -> SendHttp -> (HttpArrived) -> ApplyReply -> (ReplyApplied)
///         -> LoadOutbox again while there is more either way -> Finished
///
/// Where the outbox holds an introduction (a device that was vouched for, or that a restored server has forgotten), it
/// goes first, once in a sync: SendHttp to /v1/enrol -> ApplyIntroduction -> (Introduced) -> LoadOutbox. A server that
/// refuses it gets the batches all the same; then nothing is pulled, and the refusal is in Finished::note.
///
/// A failed attempt is reported as Finished{error}; with SyncOptions::keep_trying it is a Wait with back-off instead.
namespace phusa {

/// What the store has for one exchange. Verdicts come back in the order of `batches`.
struct Outbox {
  struct Item {
    Bytes encoded;                        ///< wire::encode_batch
    JournalId journal;
    std::uint32_t changes = 0;
    std::vector<Bytes> certificates = {};  ///< its chain, where the server asked for it
  };
  PublicKey device_key;
  Bytes token;
  std::vector<Item> batches;              ///< own, not acknowledged, by journal and number; at most `bytes_max` in all
  std::uint64_t changes_left = 0;         ///< not yet acknowledged, those in `batches` included
  Bytes cursor;
  std::optional<LedgerPoint> furthest;    ///< only where it lies beyond the cursor
  std::vector<LedgerPoint> seen;          ///< of receipts that others brought, not asked about yet
  std::uint32_t catalogue_revision = 0;
  std::uint32_t catalogue_start = 0;
  std::vector<Bytes> bundles;             ///< of others
  std::vector<Bytes> office_entries;      ///< for a restored server
  std::vector<wire::CatalogueSnapshot> catalogues;
  std::optional<wire::EnrolRequest> introduction;  ///< to be sent before anything else
};

namespace sync_event {
struct Start {};
struct OutboxLoaded { Result<Outbox> outbox; };
struct HttpArrived { std::uint64_t id = 0; HttpReply reply; TrafficCount traffic; };
struct HttpFailed { std::uint64_t id = 0; std::string why; TrafficCount traffic; };
/// The reply, its page and its cursor are committed, or nothing is. `acknowledged` and `held` count changes.
/// `more_to_send`: beside own batches (bundles, office entries, an introduction); each time it is said, less is left.
/// `full`: batches that the server has no room for; the next outbox of this sync is without them.
struct ReplyApplied { Result<void> outcome; std::uint64_t acknowledged = 0; std::uint64_t held = 0; std::uint64_t records = 0; bool forked = false; bool more_to_send = false; std::size_t full = 0; bool revoked = false; };
struct Introduced { Result<void> outcome; };
struct Woke {};       ///< a Wait is over
struct NetworkUp {};  ///< ends a Wait early
struct Cancel {};
}  // namespace sync_event

using SyncEvent = std::variant<sync_event::Start, sync_event::OutboxLoaded, sync_event::HttpArrived, sync_event::HttpFailed,
                               sync_event::ReplyApplied, sync_event::Introduced, sync_event::Woke, sync_event::NetworkUp, sync_event::Cancel>;

struct SyncProgress {
  std::uint64_t sent = 0;      ///< changes acknowledged
  std::uint64_t to_send = 0;   ///< changes there were, as far as known
  std::uint64_t received = 0;  ///< records pulled
  std::uint64_t held = 0;      ///< of the changes sent
  TrafficCount traffic;
  bool forked = false;
};

namespace sync_action {
/// Seal what is pending and hand over batches of up to `bytes_max` encoded bytes (one always fits).
struct LoadOutbox { std::size_t bytes_max = 0; std::size_t batches_max = 0; };
struct SendHttp { HttpRequest request; };
struct CancelHttp { std::uint64_t id = 0; };
/// Commit in one transaction: verdicts of `sent` (same order), receipts, catalogue, page, cursor.
/// `asked_to_read`: the request was not only to deliver.
struct ApplyReply { wire::SyncReply reply; Outbox sent; bool asked_to_read = true; };
/// Check the reply to the introduction and keep what it says.
struct ApplyIntroduction { wire::EnrolReply reply; };
struct Wait { std::chrono::milliseconds duration{}; };
struct Report { SyncProgress progress; };
/// `note`: everything was sent, but somebody should know this.
struct Finished { std::optional<Error> error; SyncProgress progress; std::optional<Error> note; };
}  // namespace sync_action

using SyncAction = std::variant<sync_action::LoadOutbox, sync_action::SendHttp, sync_action::CancelHttp, sync_action::ApplyReply,
                                sync_action::ApplyIntroduction, sync_action::Wait, sync_action::Report, sync_action::Finished>;

struct SyncOptions {
  std::string url;             ///< of the server, without the path
  bool push_only = false;
  bool keep_trying = false;
};

/// One sync, from Start to Finished. Not thread-safe: its driver steps it under a lock of its own.
class SyncMachine {
 public:
  /// `random` gives the back-off's jitter and must outlive the machine.
  SyncMachine(SyncOptions options, Random& random) : options_(std::move(options)), random_(random) {}

  /// An event that does not fit the state (a late reply after a cancel) is ignored.
  std::vector<SyncAction> step(SyncEvent event);
  bool is_finished() const { return state_ == State::kFinished; }

 private:
  enum class State : std::uint8_t {
    kIdle, kLoading, kIntroducing, kTakingIntroduction, kWaitingForReply, kApplying, kWaiting, kFinished
  };

  std::vector<SyncAction> load();
  std::vector<SyncAction> send(Outbox outbox);
  std::vector<SyncAction> introduce(const wire::EnrolRequest& introduction);
  std::vector<SyncAction> introduction_arrived(const sync_event::HttpArrived& event);
  std::vector<SyncAction> introduced(const sync_event::Introduced& event);
  std::vector<SyncAction> introduction_refused(Error error);
  std::vector<SyncAction> arrived(const sync_event::HttpArrived& event);
  std::vector<SyncAction> applied(const sync_event::ReplyApplied& event);
  std::vector<SyncAction> ended();
  std::vector<SyncAction> finish_as_noted();
  std::vector<SyncAction> failed(Error error, std::uint32_t retry_after_s = 0);
  std::vector<SyncAction> cancelled();
  std::vector<SyncAction> finish(std::optional<Error> error);
  bool is_waiting_for_reply() const { return state_ == State::kWaitingForReply || state_ == State::kIntroducing; }
  std::chrono::milliseconds next_back_off(std::uint32_t retry_after_s);

  SyncOptions options_;
  Random& random_;
  State state_ = State::kIdle;
  Outbox sent_;
  bool more_ = false;
  bool introduce_ = false;       ///< the last reply asked for it
  bool again_whole_ = false;     ///< the server asked for whole hashes or certificates: at most once in a row
  std::uint64_t request_id_ = 0;
  int exchanges_ = 0;
  int stalled_ = 0;  ///< exchanges in a row that took nothing of what there is to send
  int resets_ = 0;
  int failures_ = 0;
  bool was_introduced_ = false;          ///< tried in this sync, and answered
  std::size_t full_ = 0;  ///< batches left at home since the last wait
  bool revoked_ = false;
  bool asked_ = false;  ///< some request of this sync went out
  std::optional<Error> note_;
  SyncProgress progress_;
};

/// What a reply is, before anybody believes it: our own content type, magic and status; else which error it is. A page
/// of a captive portal with status 200 is kUnexpectedReply. Used by sync and by joining.
Result<void> check_reply(const HttpReply& reply, std::uint32_t& retry_after_s);

/// POST `path` with our content type, `Expect:` off and limits of core/base/limits.hpp.
HttpRequest make_post(std::uint64_t id, const std::string& url, std::string_view path, Bytes body);

}  // namespace phusa
