#include "runtime/format/format.h"

#include "runtime/format/json/decode.h"
#include "runtime/format/json/encode.h"

namespace streamc::rt::format {
namespace {

Status Unknown(std::string_view format) {
  std::string known;
#define FORMAT(name, decoder, encoder) known += known.empty() ? #name : ", " #name;
#include "runtime/format/formats.def"
#undef FORMAT
  return Status::Error(Exit::Usage, "unknown format `" + std::string(format) + "`; known: " + known);
}

}  // namespace

Status MakeDecoder(std::string_view format, const DecoderConfig& config, std::unique_ptr<Decoder>* decoder) {
#define FORMAT(name, make_decoder, make_encoder) \
  if (format == #name) return make_decoder(config, decoder);
#include "runtime/format/formats.def"
#undef FORMAT
  return Unknown(format);
}

Status MakeEncoder(std::string_view format, const EncoderConfig& config, std::unique_ptr<Encoder>* encoder) {
#define FORMAT(name, make_decoder, make_encoder) \
  if (format == #name) return make_encoder(config, encoder);
#include "runtime/format/formats.def"
#undef FORMAT
  return Unknown(format);
}

}  // namespace streamc::rt::format
