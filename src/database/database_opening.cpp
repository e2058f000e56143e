// Opening a database: the newest checkpoint, the log behind it, and what both say about the tables' messages. Also what a checkpoint is made of.

#include <fmt/format.h>

#include "actor/event.hpp"
#include "database/checkpoint_reader.hpp"
#include "database/database.hpp"
#include "database/table_adoption.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration find_pause = 500ms;
constexpr std::size_t values_share = 4;  // of the memory's cap, for values of rows that are found without a checkpoint
constexpr base::duration accepting_limit = 15min;  // two checkpoints of a large database take some minutes
constexpr base::duration outcome_limit = 30s;      // of an index that fails behind a loss; past that index_builder goes on
constexpr base::duration listing_overlap = 10min;  // requests that were in flight when the checkpoint was taken (design.md section 7)

protocol::channel_topic checkpoint_topic(const creation_record& record) {
  return {protocol::channel_role::checkpoints, record.id, record.name, {}};
}

}  // namespace

dbcord::actor::task<base::result<void>> database::open(base::steady_time deadline, dated<std::vector<channel_info>> present) {
  auto channels = co_await channels_for_opening(present, deadline);
  if (!channels) co_return channels.error();
  auto recovered = co_await log_.open(deadline, present.date, std::move(*channels));
  if (!recovered) co_return recovered.error();
  known_channels known;
  checkpointer::opened_from base;
  auto deltas = std::move(recovered->deltas);
  if (recovered->base) {
    opened_from_lsn_ = recovered->base->anchor.lsn;
    auto checkpoints = checkpoint_channel_.value_or(base::channel_id());
    base = {recovered->base->bytes, recovered->base->messages, recovered->base->anchor, recovered->base->record, checkpoints, std::move(deltas)};
    for (const auto& [id, table] : recovered->base->tables) {
      known[id] = {table.head.definition.channel, table.head.last_message, is_settled(table) && recovered->dropped.empty(), table.head.unadopted};
    }
    note_changes(recovered->groups, known);
    auto loaded = load(std::move(*recovered->base), recovered->released);
    if (!loaded) co_return loaded.error();
  }
  losses_ = std::move(recovered->losses);
  auto replayed = replay(recovered->groups);
  if (!replayed) co_return replayed.error();
  for (const auto& table : all_tables()) {
    for (auto channel : recovered->dropped_channels) table->forget_retired_now(channel);
  }
  for (const auto& table : all_tables()) {
    auto from = log_.read_only_reason() ? std::vector<protocol::image_adoption>() : to_adopt(*table, known, present.value);
    table->begin_adoption(recovered->dropped, std::move(from));
  }
  for (auto& found : recovered->found) co_await place_found(std::move(found));
  make_room();
  for (const auto& table : all_tables()) table->begin();
  for (auto channel : recovered->dropped_channels) forget_segment(channel);
  for (const auto& table : all_tables()) {
    auto completed = co_await complete_indexes(table, recovered->dropped, deadline);
    // Of a log that lacks something some values may be lost; what can be shown is shown.
    if (!completed && !log_.read_only_reason()) co_return completed.error();
  }
  materialiser_.set_dropped(std::move(recovered->dropped));
  std::vector<doubted_index> doubted;
  if (!losses_.empty()) doubted = co_await name_clashes();
  log_.begin();
  if (log_.read_only_reason()) co_return base::result<void>();
  co_return co_await begin_writing(std::move(base), std::move(present.value), std::move(doubted), deadline);
}

dbcord::actor::task<base::result<opening_channels>> database::channels_for_opening(dated<std::vector<channel_info>> present, base::steady_time deadline) {
  auto checkpoints = co_await find_checkpoints(present.value, deadline);
  if (!checkpoints) co_return checkpoints.error();
  checkpoint_channel_.reset();
  if (*checkpoints) checkpoint_channel_ = *checkpoints;
  opening_channels channels;
  channels.checkpoints = *checkpoints;
  for (const auto& c : present.value) {
    auto topic = protocol::decode_topic(c.topic);
    if (topic && topic->role == protocol::channel_role::log && topic->database_id == record_.id) channels.log.push_back({c.id, segment_number(*topic)});
  }
  channels.make_segment = [this, deadline](std::uint64_t number) { return segment_channel(number, deadline); };
  channels.tables.database = record_.name;
  channels.tables.database_id = record_.id;
  channels.tables.catalog = record_.catalog;
  channels.tables.present = std::move(present.value);
  channels.tables.values_max = memory_.cap() / values_share;
  channels.list_again = [this, deadline] { return list_channels_for_opening(deadline); };
  co_return channels;
}

dbcord::actor::task<base::result<opening_channels>> database::list_channels_for_opening(base::steady_time deadline) {
  auto present = co_await directory_.list(deadline);
  if (!present) co_return present.error();
  co_return co_await channels_for_opening(std::move(*present), deadline);
}

// A deletion or a change that is lost brings back a row whose value another one may have taken since. An index that is not what it promises binds nobody: it is
// being built again from here on, also by the checkpoints of the acceptance, so that it fails by a record of the log, of this process or of the next one.
dbcord::actor::task<std::vector<database::doubted_index>> database::name_clashes() {
  std::vector<doubted_index> doubted;
  bool accepted = !log_.read_only_reason();
  auto known = losses_.size();
  for (const auto& table : all_tables()) {
    auto clashes = co_await table->clashing_indexes();
    for (const auto& c : clashes) {
      if (c.failed) continue;
      auto then = accepted ? ", so it has failed and binds nobody until it is dropped or made again; `/dbc_verify` names the rows" : ", so it fails if the loss is accepted";
      losses_.push_back(sentence_of(c, table->definition().name) + then);
      if (!accepted) continue;
      co_await table->build_again(c.index.index);
      doubted.push_back({table, c.index.index});
    }
  }
  if (!accepted && losses_.size() > known) log_.name_losses(losses_);
  co_return doubted;
}

// Before anybody is answered, where that can be. Else index_builder goes on.
dbcord::actor::task<void> database::fail_doubted(std::vector<doubted_index> doubted) {
  for (const auto& d : doubted) {
    write_context context;
    context.command = "accepted loss";
    context.deadline = env().after(outcome_limit);
    std::string none;
    auto written = co_await d.table->settle_index(d.index, false, std::move(none), std::move(context));
    if (!written.value) {
      env().log.warning("an index that does not hold behind a loss has not failed yet",
                        {{"database", record_.name}, {"table", d.table->definition().name}, {"error", written.value.error().message}});
      co_return;  // nobody waits for that once for each index
    }
  }
}

// Where versions lie whose records are lost: known at once, since no record tells what they were.
dbcord::actor::task<void> database::place_found(message_of_lost_rows found) {
  auto table = table_by_id(found.table);
  if (!table) co_return;
  if (found.page) {
    co_await table->materialised(found.channel, found.message, std::move(found.rows));
    co_return;
  }
  for (auto& row : found.rows) co_await table->materialised(found.channel, std::move(row.key), row.version, row.lsn, found.message);
}

// Of several with that topic, since the answer to the first one's creation was lost, that which has the newest checkpoint. Zero: there is none.
dbcord::actor::task<base::result<base::channel_id>> database::find_checkpoints(std::vector<channel_info> present, base::steady_time deadline) {
  auto like = with_topic(present, checkpoint_topic(record_));
  if (like.size() < 2) co_return like.empty() ? base::channel_id() : like.front().id;
  auto best = like.front().id;
  std::uint64_t newest = 0;
  for (std::size_t i = 0; i < like.size();) {
    call_options options{priority::interactive, deadline};
    auto listing = co_await list_checkpoints(store_, like[i].id, options);
    if (!listing && listing.error().code != store_errc::not_found) {
      if (env().now() + find_pause >= deadline || stopping_) co_return listing.error();
      co_await dbcord::actor::sleep_for(env(), find_pause);
      continue;
    }
    if (listing && !listing->value.candidates.empty() && listing->value.candidates.front().header.lsn > newest) {
      newest = listing->value.candidates.front().header.lsn;
      best = like[i].id;
    }
    ++i;
  }
  co_return best;
}

// A value may lie where the checkpoint does not know it to; then that is found out first, for as long as half of what is left of the time. Without one that
// cannot be read the index is built again, by a record of its own, so that every start sees the same of it.
dbcord::actor::task<base::result<void>> database::complete_indexes(table_ptr table, const std::set<base::message_id>& dropped, base::steady_time deadline) {
  auto completed = co_await table->complete_digests(deadline);
  if (!completed && table->adopting()) {
    auto half = env().now() + (deadline - env().now()) / 2;
    auto given_up = [this, half] { return stopping_ || env().now() >= half; };
    table_adoption adoption({env(), store_, record_.name, given_up}, dropped, table);
    co_await adoption.run();
    completed = co_await table->complete_digests(deadline);
  }
  bool lacks = !completed && (completed.error().code == errc::damaged || !table->knows_all_messages());
  if (!lacks || log_.read_only_reason()) co_return completed;
  co_await table->build_again_incomplete_indexes();
  co_return base::result<void>();
}

// The log brings back versions that had made room for rows.
void database::make_room() {
  for (bool made = true; made;) {
    made = false;
    for (const auto& table : all_tables()) made = table->forget_some_versions() || made;
  }
}

// After an accepted loss nothing is acknowledged before two checkpoints stand behind the hole: from then on no start meets it again, even if one of them is
// deleted. Where the log's end was lost no roll leads to what is written from now on, so a start from an older checkpoint would miss that, too.
dbcord::actor::task<base::result<void>> database::begin_writing(checkpointer::opened_from base, std::vector<channel_info> present,
                                                                std::vector<doubted_index> doubted, base::steady_time deadline) {
  if (!losses_.empty()) {
    for (const auto& loss : losses_) env().log.error("a loss was accepted", {{"database", record_.name}, {"lost", loss}});
    std::atomic<bool> over{false};
    dbcord::actor::task_group patience(env(), "opening");
    auto until = std::max(deadline, env().after(accepting_limit));  // what was read before may have taken longer than anybody would wait
    patience.spawn(executor(), give_up_accepting(until, over));
    auto taken = co_await checkpointer_.take_first();
    if (taken) taken = co_await checkpointer_.take_first();
    bool stopped = over.exchange(true);
    opening_wake_.notify();
    co_await patience.join(base::steady_time::max());
    if (taken && stopped) taken = base::error(base::errc::stopping);
    if (!taken) {
      co_await log_.stop(std::max(deadline, env().now()));
      co_await log_.ended();  // whoever opens forgets us then
      co_return taken.error();
    }
    base = {};
    co_await fail_doubted(std::move(doubted));
  }
  for (const auto& table : all_tables()) materialiser_.add(table);
  for (const auto& table : all_tables()) index_builder_.start(table);  // what the last process has not finished
  if (options_.checkpoints.enabled) checkpointer_.begin(std::move(base));
  tasks_.spawn(executor(), describe_tables());
  tasks_.spawn(executor(), delete_dropped_channels());
  tasks_.spawn(env().make_strand(), shorten_log());
  tasks_.spawn(env().make_strand(), look_for_missed_deletions());
  if (threads_.usable()) tasks_.spawn(executor(), follow_rows());
  tasks_.spawn(executor(), index_channels_.run(present));
  describe_wake_.notify();
  co_return base::result<void>();
}

// The log goes on until it knows what became of a record, and a checkpoint is sent again and again, as long as Discord does not answer; who opens does not wait for ever,
// and may have to end.
dbcord::actor::task<void> database::give_up_accepting(base::steady_time until, std::atomic<bool>& over) {
  while (!over && !log_.opening_given_up() && env().now() < until) co_await opening_wake_.wait_until(env(), until);
  if (over.exchange(true)) co_return;
  co_await checkpointer_.stop(env().now());
  co_await log_.stop(env().now());
}

base::result<void> database::load(loaded_image image, bool released) {
  for (auto& [id, content] : image.tables) {
    auto table = add_table(content.head.definition);
    auto loaded = table->load(std::move(content), released);
    if (!loaded) return loaded;
  }
  last_table_id_ = std::max(last_table_id_, image.head.last_table);
  auto access = protocol::access_rules::parse(image.head.access_json);
  if (!access) return base::error(errc::damaged, "the rules of access in the checkpoint cannot be read: " + access.error().message);
  {
    std::lock_guard lock(tables_mutex_);
    access_ = std::move(*access);
    dropped_channels_.insert(image.head.dropped_channels.begin(), image.head.dropped_channels.end());
  }
  dropped_ = image.head.dropped;
  restored_ = image.head.restored;
  deletions_.set(image.head.accept_deletions ? deletion_policy::accept : deletion_policy::restore);
  for (auto table : image.head.row_threads) changed_rows_.set(table, true);
  for (auto& c : image.commands) {
    executed_.finish(c.key, {c.lsn, c.message, c.operations, c.version, std::move(c.refused)});
  }
  return {};
}

bool database::is_settled(const loaded_table& table) {
  auto placed = [](const auto& row) { return static_cast<bool>(row.row_message); };
  auto complete = [](const auto& chain) {
    return std::all_of(chain.versions.begin(), chain.versions.end(), [](const auto& v) { return v.row_message || v.deleted; });
  };
  return std::all_of(table.rows.begin(), table.rows.end(), placed) &&
         (!table.history || std::all_of(table.history->chains.begin(), table.history->chains.end(), complete));
}

void database::note_changes(const std::vector<recovered_group>& groups, known_channels& known) {
  for (const auto& group : groups) {
    for (const auto& transaction : group.transactions) {
      for (const auto& op : transaction.operations) {
        auto its = known.find(std::visit([](const auto& o) { return o.table; }, op));
        if (its != known.end()) its->second.settled = false;
      }
    }
  }
}

// A channel in which nothing was written since the checkpoint need not be read: its newest message is the same, and nothing was to be written, or moved out of a
// page that went, that may have got a lower id than that one (ids are minted by many clocks). Nor one that is retiring already by the checkpoint: what counts there was known
// when the move was decided. Besides, what the checkpoint says itself.
std::vector<protocol::image_adoption> database::to_adopt(const table_actor& table, const known_channels& known, const std::vector<channel_info>& present) {
  std::vector<protocol::image_adoption> adopt;
  auto its = known.find(table.definition().table);
  auto add = [&](base::channel_id id, base::message_id last) {
    auto channel = std::find_if(present.begin(), present.end(), [&](const auto& c) { return c.id == id; });
    if (its != known.end() && its->second.settled && channel != present.end() && channel->last_message == last) return;
    adopt.push_back({id, last ? base::id_at<base::message_id>(base::created_at(last) - listing_overlap) : base::message_id()});
  };
  auto channels = table.channels();
  bool moved_since = its != known.end() && its->second.channel != channels.current;
  bool of_current = its != known.end() && !moved_since && !channels.retires(its->second.last);
  if (channels.retiring && (its == known.end() || moved_since)) {
    bool of_retiring = its != known.end() && its->second.channel == channels.retiring;
    add(channels.retiring, of_retiring ? its->second.last : base::message_id());
  }
  add(channels.current, of_current ? its->second.last : base::message_id());
  if (its == known.end()) return adopt;
  for (const auto& some : its->second.unadopted) {
    auto listed = std::find_if(adopt.begin(), adopt.end(), [&](const auto& a) { return a.channel == some.channel; });
    if (listed != adopt.end()) listed->after = std::min(listed->after, some.after);
    else if (channels.contains(some.channel)) adopt.push_back(some);
  }
  return adopt;
}

protocol::image_database database::database_head() const {
  std::lock_guard lock(tables_mutex_);
  bool accept = deletions_.policy() == deletion_policy::accept;
  return {last_table_id_, access_.json(), {dropped_channels_.begin(), dropped_channels_.end()}, accept, dropped_, restored_, changed_rows_.tables()};
}

std::vector<protocol::image_command> database::executed_commands() const {
  std::vector<protocol::image_command> commands;
  for (auto& [key, done] : executed_.finished()) {
    commands.push_back({key, done.lsn, done.log_message, done.operations, done.version, done.refused});
  }
  return commands;
}

dbcord::actor::task<base::result<base::channel_id>> database::checkpoint_channel(base::steady_time deadline) {
  if (!checkpoint_channel_) {
    auto channel = co_await directory_.ensure(checkpoint_topic(record_), "dbc-checkpoints", bound_channels(), deadline);
    if (!channel) co_return channel.error();
    checkpoint_channel_ = channel->channel.id;
  }
  co_return *checkpoint_channel_;
}

bool database::forget_checkpoint_channel(base::channel_id channel) {
  if (checkpoint_channel_ != channel) return false;
  checkpoint_channel_.reset();
  return true;
}

// A segment that an earlier attempt has made and no roll names is empty: nothing is written to one before its roll is acknowledged. Never one that the log has,
// whatever number its topic says: the log would go on in itself, and be dropped as its own predecessor.
dbcord::actor::task<base::result<base::channel_id>> database::segment_channel(std::uint64_t number, base::steady_time deadline) {
  auto object = std::to_string(number);
  protocol::channel_topic topic{protocol::channel_role::log, record_.id, record_.name, object};
  auto taken = bound_channels();
  for (const auto& segment : log_.segments().all()) taken.push_back(segment.channel);
  auto channel = co_await directory_.ensure(topic, "dbc-wal-" + object, std::move(taken), deadline);
  if (!channel) co_return channel.error();
  co_return channel->channel.id;
}

void database::forget_segment(base::channel_id channel) {
  {
    std::lock_guard lock(tables_mutex_);
    dropped_channels_.insert(channel);
  }
  drop_wake_.notify();
}

}  // namespace dbcord::database
