#pragma once

#include "core/wire/number_model.hpp"

#include <string>
#include <string_view>
#include <unordered_map>

namespace phusa::wire {

/// Texts, word by word. Vietnamese is written in syllables with blanks between them, and the same few hundred
/// come again and again: each is spelled once, then it is a number, or what followed the word before it last
/// time.
struct TextColumn {
  static constexpr std::size_t kWordsMax = 1u << 16;  ///< later ones are spelled every time

  struct Word {
    std::string text;
    std::uint32_t next = 0;  ///< the word that last came after this one, 0: none yet
    std::uint8_t trust = 0;  ///< how often in a row it did
  };

  NumberModel blanks;
  std::array<Bit, 4> is_next;
  NumberModel number;  ///< 0: a new word
  NumberModel size;
  std::array<Bit, 256> byte;
  std::array<std::array<Bit, 256>, 64> byte_after;  ///< by the byte before
  std::vector<Word> words{Word{}};  ///< 0 stands for the start of a text, and for words not kept
  std::unordered_map<std::string, std::uint32_t> numbers;
};

/// One byte of a new word: what followed the byte before, once that is known a little, else any byte's
/// likelihood.
template <class Coder>
unsigned code_byte(Coder& coder, TextColumn& column, unsigned before, unsigned byte) {
  auto& after = column.byte_after[(before >> 7) * 32 + (before & 31)];
  unsigned node = 1;
  for (unsigned i = 8; i-- > 0;) {
    Bit& wide = column.byte[node];
    Bit& narrow = after[node];
    const bool is_known = narrow.seen >= 2;
    const bool bit = coder.bit(is_known ? narrow : wide, ((byte >> i) & 1) != 0);
    (is_known ? wide : narrow).learn(bit);
    node = node * 2 + (bit ? 1 : 0);
  }
  return node - 256;
}

template <class Coder>
void spell_word(Coder& coder, TextColumn& column, std::string_view word, std::size_t room,
                std::string& text) {
  const std::uint64_t size = code_number(coder, column.size, word.size());
  if (size > room) coder.spoil();
  unsigned before = 0;
  for (std::uint64_t i = 0; i < size && coder.ok(); ++i) {
    before = code_byte(coder, column, before, i < word.size() ? static_cast<unsigned char>(word[i]) : 0);
    text.push_back(static_cast<char>(before));
  }
}

/// Appends one word to `text` and returns its number. `last` is the number of the word before.
template <class Coder>
std::uint32_t code_word(Coder& coder, TextColumn& column, std::uint32_t last, std::string_view word,
                        std::size_t room, std::string& text) {
  std::uint32_t number = 0;
  if constexpr (!Coder::kDecodes) {
    if (const auto at = column.numbers.find(std::string(word)); at != column.numbers.end())
      number = at->second;
  }
  const std::uint32_t next = column.words[last].next;
  std::uint8_t& trust = column.words[last].trust;
  if (next != 0) {
    const bool is_next = coder.bit(column.is_next[trust], number == next);
    trust = static_cast<std::uint8_t>(is_next ? std::min(trust + 1, 3) : 0);
    if (is_next) {
      text += column.words[next].text;
      return next;
    }
  }
  number = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(code_number(coder, column.number, number), UINT32_MAX));
  if (number >= column.words.size()) {
    coder.spoil();
    return 0;
  }
  if (number != 0) {
    text += column.words[number].text;
  } else {
    const std::size_t start = text.size();
    spell_word(coder, column, word, room, text);
    if (column.words.size() < TextColumn::kWordsMax) {
      number = static_cast<std::uint32_t>(column.words.size());
      column.words.push_back({text.substr(start), 0, 0});
      if constexpr (!Coder::kDecodes) column.numbers.emplace(column.words.back().text, number);
    }
  }
  column.words[last].next = number;
  return number;
}

/// A text longer than `size_max` turns the coder bad.
template <class Coder>
std::string code_text(Coder& coder, TextColumn& column, std::string_view value, std::size_t size_max) {
  std::uint64_t blanks = 0;
  if constexpr (!Coder::kDecodes)
    blanks = static_cast<std::uint64_t>(std::count(value.begin(), value.end(), ' '));
  blanks = code_number(coder, column.blanks, blanks);
  std::string text;
  std::uint32_t last = 0;
  for (std::uint64_t i = 0; i <= blanks && coder.ok(); ++i) {
    const std::size_t end = std::min(value.find(' '), value.size());
    if (i > 0) text.push_back(' ');
    if (text.size() > size_max) break;
    last = code_word(coder, column, last, value.substr(0, end), size_max - text.size(), text);
    value.remove_prefix(std::min(end + 1, value.size()));
  }
  if (text.size() > size_max) coder.spoil();
  return text;
}

}  // namespace phusa::wire
