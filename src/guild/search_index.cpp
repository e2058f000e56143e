#include "guild/search_index.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "dbcord/base/assert.hpp"
#include "guild/search_tokens.hpp"

namespace dbcord::guild {
namespace {

constexpr std::size_t compact_at = 4096;  // dead documents, at least

std::uint64_t hash_of(std::string_view word) {
  auto hash = XXH3_64bits(word.data(), word.size());
  return hash ? hash : 1;
}

void append_varint(std::string& out, std::uint32_t n) {
  for (; n >= 0x80; n >>= 7) out += static_cast<char>(n | 0x80);
  out += static_cast<char>(n);
}

std::vector<std::uint32_t> decode_list(std::string_view bytes, std::size_t count) {
  std::vector<std::uint32_t> documents;
  documents.reserve(count);
  std::uint32_t document = 0, difference = 0;
  unsigned shift = 0;
  for (char c : bytes) {
    auto byte = static_cast<unsigned char>(c);
    difference |= static_cast<std::uint32_t>(byte & 0x7F) << shift;
    shift += 7;
    if (byte & 0x80) continue;
    document += difference;
    documents.push_back(document);
    difference = shift = 0;
  }
  return documents;
}

bool has_traits(std::uint32_t traits, const search_filter& filter) {
  if ((traits & filter.all_of) != filter.all_of || traits & filter.none_of) return false;
  return std::all_of(filter.any_of.begin(), filter.any_of.end(),
                     [&](std::uint32_t set) { return (traits & set) != 0; });
}

template <class T>
std::size_t capacity_bytes(const std::vector<T>& v) {
  return v.capacity() * sizeof(T);
}

}  // namespace

void search_index::posting_list::add(document_number document) {
  if (count && last == document) return;  // the word stands twice in it
  append_varint(bytes, document - last);
  last = document;
  ++count;
}

std::size_t search_index::word_table::place_of(std::uint64_t hash) const {
  auto mask = hashes.size() - 1;
  auto place = hash & mask;
  while (hashes[place] && hashes[place] != hash) place = (place + 1) & mask;
  return place;
}

void search_index::word_table::grow() {
  auto old_hashes = std::move(hashes);
  auto old_values = std::move(values);
  auto size = std::max<std::size_t>(1024, old_hashes.size() * 2);
  hashes.assign(size, 0);
  values.assign(size, 0);
  for (std::size_t i = 0; i < old_hashes.size(); ++i) {
    if (!old_hashes[i]) continue;
    auto place = place_of(old_hashes[i]);
    hashes[place] = old_hashes[i];
    values[place] = old_values[i];
  }
}

void search_index::put(const search_document& document) {
  remove(document.id);
  auto number = static_cast<document_number>(ids_.size());
  DBCORD_ASSERT(number < single);
  ids_.push_back(document.id.value);
  where_.push_back(channel_number(document.where));
  traits_.push_back(document.traits);
  ++alive_;
  bind(document.id, number);
  add_words(document.content, number);
}

void search_index::remove(base::message_id id) {
  auto found = std::lower_bound(sorted_ids_.begin(), sorted_ids_.end(), id.value);
  if (found == sorted_ids_.end() || *found != id.value) return;
  auto& document = sorted_documents_[static_cast<std::size_t>(found - sorted_ids_.begin())];
  if (document == nowhere) return;
  drop(document);
  document = nowhere;
  auto dead = ids_.size() - alive_;
  if (dead >= compact_at && dead > alive_) compact();
}

void search_index::drop(document_number document) {
  ids_[document] = 0;
  --alive_;
}

void search_index::bind(base::message_id id, document_number document) {
  auto place = sorted_ids_.end();
  if (!sorted_ids_.empty() && sorted_ids_.back() >= id.value)
    place = std::lower_bound(sorted_ids_.begin(), sorted_ids_.end(), id.value);
  auto at = static_cast<std::size_t>(place - sorted_ids_.begin());
  if (place != sorted_ids_.end() && *place == id.value) {
    sorted_documents_[at] = document;
    return;
  }
  sorted_ids_.insert(place, id.value);
  sorted_documents_.insert(sorted_documents_.begin() + static_cast<std::ptrdiff_t>(at), document);
}

std::uint32_t search_index::channel_number(base::channel_id where) {
  auto [place, fresh] = channel_numbers_.try_emplace(where, static_cast<std::uint32_t>(channels_.size()));
  if (fresh) channels_.push_back(where);
  return place->second;
}

void search_index::add_words(std::string_view content, document_number document) {
  search_words words(content);
  while (words.next()) add_word(hash_of(words.word()), document);
}

void search_index::add_word(std::uint64_t hash, document_number document) {
  if (words_.hashes.empty() || words_.used * 3 >= words_.hashes.size() * 2) words_.grow();
  auto place = words_.place_of(hash);
  auto& value = words_.values[place];
  if (!words_.hashes[place]) {
    words_.hashes[place] = hash;
    value = single | document;
    ++words_.used;
    return;
  }
  if (value & single) {
    auto first = value & ~single;
    if (first == document) return;
    value = static_cast<std::uint32_t>(lists_.size());
    lists_.emplace_back().add(first);
  }
  lists_[value].add(document);
}

std::size_t search_index::count_of(std::uint64_t hash) const {
  if (words_.hashes.empty()) return 0;
  auto place = words_.place_of(hash);
  if (!words_.hashes[place]) return 0;
  auto value = words_.values[place];
  return value & single ? 1 : lists_[value].count;
}

std::vector<search_index::document_number> search_index::documents_of(std::uint64_t hash) const {
  auto value = words_.values[words_.place_of(hash)];
  if (value & single) return {value & ~single};
  auto& list = lists_[value];
  return decode_list(list.bytes, list.count);
}

std::vector<search_index::document_number> search_index::candidates(
    std::span<const std::string> words) const {
  std::vector<std::pair<std::size_t, std::uint64_t>> order;  // the rarest first
  for (auto& word : words) order.emplace_back(count_of(hash_of(word)), hash_of(word));
  std::sort(order.begin(), order.end());
  if (order.front().first == 0) return {};
  auto found = documents_of(order.front().second);
  for (std::size_t i = 1; i < order.size() && !found.empty(); ++i) {
    auto other = documents_of(order[i].second);
    std::vector<document_number> both;
    std::set_intersection(found.begin(), found.end(), other.begin(), other.end(), std::back_inserter(both));
    found = std::move(both);
  }
  return found;
}

std::vector<bool> search_index::wanted_channels(const search_filter& filter) const {
  std::vector<bool> wanted(channels_.size(), false);
  for (auto id : filter.channels) {
    auto found = channel_numbers_.find(id);
    if (found != channel_numbers_.end()) wanted[found->second] = true;
  }
  return wanted;
}

namespace {

// Keeps the first hits_max of what it is shown, in whatever order; quick when most come in order.
class first_hits {
 public:
  explicit first_hits(bool oldest_first) : oldest_first_(oldest_first) {}

  void add(search_hit hit) {
    ++page_.total;
    auto before = [this](const search_hit& a, const search_hit& b) { return goes_before(a, b); };
    auto& kept = page_.hits;
    if (kept.size() == search_index::hits_max) {
      if (!goes_before(hit, kept.front())) return;
      std::pop_heap(kept.begin(), kept.end(), before);
      kept.pop_back();
    }
    kept.push_back(hit);
    std::push_heap(kept.begin(), kept.end(), before);
  }
  search_page take() {
    auto before = [this](const search_hit& a, const search_hit& b) { return goes_before(a, b); };
    std::sort_heap(page_.hits.begin(), page_.hits.end(), before);
    return std::move(page_);
  }

 private:
  bool goes_before(const search_hit& a, const search_hit& b) const { return oldest_first_ ? a.id < b.id : a.id > b.id; }

  bool oldest_first_;
  search_page page_;  // a heap, the last of them in front
};

}  // namespace

search_page search_index::find(const search_filter& filter, bool oldest_first) const {
  auto wanted = wanted_channels(filter);
  first_hits hits(oldest_first);
  auto consider = [&](document_number d) {
    bool within = ids_[d] > filter.above.value && (!filter.below || ids_[d] < filter.below.value);
    if (within && wanted[where_[d]] && has_traits(traits_[d], filter)) hits.add({{ids_[d]}, channels_[where_[d]]});
  };
  // Documents are about in the order of their ids: from the wanted end on, nearly all of the others are only counted.
  auto count = static_cast<document_number>(ids_.size());
  if (!filter.words.empty()) {
    auto found = candidates(filter.words);
    if (!oldest_first) std::reverse(found.begin(), found.end());
    for (auto d : found) consider(d);
  } else {
    for (document_number i = 0; i < count; ++i) consider(oldest_first ? i : count - 1 - i);
  }
  return hits.take();
}

void search_index::compact() {
  std::vector<document_number> moved(ids_.size(), nowhere);
  document_number next = 0;
  for (document_number d = 0; d < ids_.size(); ++d) {
    if (!ids_[d]) continue;
    ids_[next] = ids_[d], where_[next] = where_[d], traits_[next] = traits_[d];
    moved[d] = next++;
  }
  ids_.resize(next), where_.resize(next), traits_.resize(next);
  auto old_words = std::exchange(words_, {});
  auto old_lists = std::exchange(lists_, {});
  for (std::size_t i = 0; i < old_words.hashes.size(); ++i) {
    auto hash = old_words.hashes[i];
    if (!hash) continue;
    auto value = old_words.values[i];
    auto documents = value & single ? std::vector<document_number>{value & ~single}
                                    : decode_list(old_lists[value].bytes, old_lists[value].count);
    for (auto d : documents) {
      if (moved[d] != nowhere) add_word(hash, moved[d]);
    }
  }
  sorted_ids_.clear();
  sorted_documents_.clear();
  std::vector<document_number> order(next);
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return ids_[a] < ids_[b]; });
  for (auto d : order) sorted_ids_.push_back(ids_[d]), sorted_documents_.push_back(d);
}

std::size_t search_index::bytes() const {
  auto total = capacity_bytes(words_.hashes) + capacity_bytes(words_.values) + capacity_bytes(lists_) +
               capacity_bytes(ids_) + capacity_bytes(where_) + capacity_bytes(traits_) +
               capacity_bytes(sorted_ids_) + capacity_bytes(sorted_documents_);
  for (auto& list : lists_) {
    if (list.bytes.capacity() > 15) total += list.bytes.capacity() + 16;
  }
  return total;
}

}  // namespace dbcord::guild
