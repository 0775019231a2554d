// oneDNN, used as its performance guide says: convolutions choose their own blocked formats (`any`), weights
// are brought there once, ReLU rides on the convolution as a post-operation, batch normalisation is folded
// into the weights, and all primitives are made before the first run. In int8, weights are signed with a
// scale for each output channel, activations unsigned with one scale for each layer. The first layer, whose
// single channel suits no byte kernel, runs in bytes or in float, whichever is found faster.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <stdexcept>
#include <unordered_map>

#include "recognizer/engine/onnx_reader.h"
#include "tests/bench/peer.h"

extern "C" void omp_set_num_threads(int count);

namespace inkfield::bench {
namespace {

using dnnl::memory;
using recognizer::onnx::Model;
using recognizer::onnx::Node;
using recognizer::onnx::Tensor;
using Dims = memory::dims;
using Type = memory::data_type;
using Tag = memory::format_tag;

/// What travels between layers: `real = value * scale`.
struct Value {
  memory data;
  Dims dims;  ///< always 4, [batch, channels, height, width]
  Type type = Type::f32;
  float scale = 1.0F;
};

[[noreturn]] void refuse(const std::string& what) {
  throw std::runtime_error("oneDNN as used here: " + what);
}

std::vector<std::int64_t> ints(const Node& node, const char* name, std::vector<std::int64_t> otherwise) {
  const auto* attribute = node.attribute(name);
  return attribute == nullptr ? std::move(otherwise) : attribute->ints;
}

class OneDnnPeer : public Peer {
 public:
  /// `ranges`: largest activation of each layer, from a float run; empty for float.
  OneDnnPeer(const Model& model, const PeerSetup& setup, std::vector<float> ranges, bool first_in_float)
      : engine_(dnnl::engine::kind::cpu, 0),
        stream_(engine_),
        bytes_(!ranges.empty()),
        first_in_float_(first_in_float),
        ranges_(std::move(ranges)) {
    for (const auto& tensor : model.initializers) constants_[tensor.name] = &tensor;
    for (const auto& node : model.nodes) {
      for (const auto& input : node.inputs) readers_[input].push_back(&node);
    }
    for (const auto& input : model.inputs) {
      if (constants_.contains(input.name)) continue;
      const Dims dims = {setup.batch, 1, setup.height, setup.width};
      input_ = memory({dims, Type::f32, Tag::nchw}, engine_);
      values_[input.name] = {.data = input_, .dims = dims};
    }
    for (const auto& node : model.nodes) {
      if (!done_.contains(&node)) take(node);
    }
    Value& last = values_.at(model.outputs.at(0).name);
    const memory::desc plain(last.dims, Type::f32, Tag::nchw);
    output_ = to(last, plain).data;
    for (const auto dim : last.dims) count_ *= static_cast<std::size_t>(dim);
  }

  void run(const float* input, std::vector<float>& scores) override {
    std::copy_n(input, input_.get_desc().get_size() / sizeof(float),
                static_cast<float*>(input_.get_data_handle()));
    execute();
    const auto* found = static_cast<const float*>(output_.get_data_handle());
    scores.assign(found, found + count_);
  }

  /// Largest value that each layer gives for the last input, in the order of the layers.
  std::vector<float> ranges() {
    std::vector<float> largest;
    for (const auto& value : layers_) {
      const memory plain({value.dims, Type::f32, Tag::nchw}, engine_);
      memory from = value.data;
      memory into = plain;
      dnnl::reorder(from, into).execute(stream_, from, into);
      stream_.wait();
      const auto* data = static_cast<const float*>(plain.get_data_handle());
      largest.push_back(*std::max_element(data, data + plain.get_desc().get_size() / sizeof(float)));
    }
    return largest;
  }

 private:
  struct Call {
    dnnl::primitive primitive;
    std::unordered_map<int, memory> arguments;
  };

  void execute() {
    for (const auto& call : calls_) call.primitive.execute(stream_, call.arguments);
    stream_.wait();
  }

  const Tensor& constant(const std::string& name) const {
    const auto found = constants_.find(name);
    if (found == constants_.end()) refuse("'" + name + "' is no constant");
    return *found->second;
  }

  /// The only reader of a value, if it is of this kind.
  const Node* only_reader(const std::string& name, const char* op) const {
    const auto found = readers_.find(name);
    const bool fits = found != readers_.end() && found->second.size() == 1 && found->second[0]->op_type == op;
    return fits ? found->second[0] : nullptr;
  }

  /// The value in another format or type; a reorder in every run only where they differ.
  Value to(const Value& value, const memory::desc& wanted, float scale = 1.0F) {
    if (value.data.get_desc() == wanted && value.scale == scale) return value;
    Value made{
        .data = memory(wanted, engine_), .dims = value.dims, .type = wanted.data_type(), .scale = scale};
    dnnl::primitive_attr attr;
    if (value.scale != scale) attr.set_output_scales(0, {value.scale / scale});
    memory from = value.data;
    calls_.push_back(
        {dnnl::reorder(from, made.data, attr), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, made.data}}});
    return made;
  }

  /// Constants in the format that a primitive wants, brought there now.
  memory placed(const void* data, const Dims& dims, Type type, Tag tag, const memory::desc& wanted) {
    memory plain({dims, type, tag}, engine_, const_cast<void*>(data));
    memory made(wanted, engine_);
    dnnl::reorder(plain, made).execute(stream_, plain, made);
    stream_.wait();
    return made;
  }

  void take(const Node& node) {
    const auto& op = node.op_type;
    if (op == "Conv") return take_convolution(node);
    if (op == "MaxPool" || op == "AveragePool" || op == "GlobalAveragePool") return take_pool(node);
    if (op == "Gemm") return take_fully_connected(node);
    if (op == "Flatten" || op == "Identity" || op == "Dropout") {
      values_[node.outputs.at(0)] = values_.at(node.inputs.at(0));
      return;
    }
    refuse("operator " + op);
  }

  struct Layer {
    Dims weight_dims;
    std::vector<float> weights;
    std::vector<float> bias;
  };

  /// Scale of the inputs and the outputs of a layer in bytes, and its weights in bytes.
  /// `added`: a value that is summed up with the layer's before its ReLU; nullptr: none.
  void add_layer(Layer& layer, Value in, const Dims& strides, const Dims& before, const Dims& after,
                 const Dims& out, bool relu, const std::string& name, const Value* added = nullptr) {
    const auto outputs = static_cast<std::size_t>(out[1]);
    const std::size_t taps = layer.weights.size() / outputs;
    const bool bytes = bytes_ && !(first_in_float_ && layers_.empty());
    const bool last = !relu;
    float out_scale = 1.0F;
    dnnl::primitive_attr attr;
    std::vector<std::int8_t> byte_weights;
    if (bytes) {
      if (in.type != Type::u8) {
        // The image: from 0 to 1. Behind a first layer in float: what the float run found.
        const float scale = (layers_.empty() ? 1.0F : ranges_.at(layers_.size() - 1)) / 255.0F;
        in = to(in, memory::desc(in.dims, Type::u8, in.dims[1] == 1 ? Tag::nchw : Tag::nhwc), scale);
      }
      if (!last) out_scale = ranges_.at(layers_.size()) / 255.0F;
      std::vector<float> scales(outputs);
      byte_weights.resize(layer.weights.size());
      for (std::size_t o = 0; o < outputs; ++o) {
        float largest = 1e-9F;
        for (std::size_t t = 0; t < taps; ++t)
          largest = std::max(largest, std::abs(layer.weights[o * taps + t]));
        const float scale = largest / 127.0F;
        for (std::size_t t = 0; t < taps; ++t) {
          byte_weights[o * taps + t] =
              static_cast<std::int8_t>(std::lround(layer.weights[o * taps + t] / scale));
        }
        layer.bias[o] /= in.scale * scale;  // it is added before the output scale
        scales[o] = in.scale * scale / out_scale;
      }
      attr.set_output_scales(2, scales);
    }
    dnnl::post_ops after_sum;
    if (added != nullptr) after_sum.append_sum(added->scale / out_scale);
    if (relu) after_sum.append_eltwise(1.0F, dnnl::algorithm::eltwise_relu, 0.0F, 0.0F);
    attr.set_post_ops(after_sum);
    const Type weight_type = bytes ? Type::s8 : Type::f32;
    const Type out_type = bytes && !last ? Type::u8 : Type::f32;
    const memory::desc source(in.dims, bytes ? Type::u8 : Type::f32, Tag::any);
    const memory::desc weights(layer.weight_dims, weight_type, Tag::any);
    const memory::desc bias({out[1]}, Type::f32, Tag::x);
    const memory::desc target(out, out_type, Tag::any);
    const dnnl::convolution_forward::primitive_desc plan(
        {dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_auto, source, weights, bias, target,
         strides, before, after},
        attr, engine_);
    const Value from = to(in, plan.src_desc(), in.scale);
    Value made{.data = memory(plan.dst_desc(), engine_),
               .dims = out,
               .type = out_type,
               .scale = bytes ? out_scale : 1.0F};
    if (added != nullptr) {
      // The sum is taken with what lies in the target already.
      if (added->type != out_type) refuse("a sum of bytes and floats");
      memory from_there = added->data;
      calls_.push_back({dnnl::reorder(from_there, made.data), {{DNNL_ARG_FROM, from_there}, {DNNL_ARG_TO, made.data}}});
    }
    const void* plain = bytes ? static_cast<const void*>(byte_weights.data()) : layer.weights.data();
    calls_.push_back(
        {dnnl::convolution_forward(plan),
         {{DNNL_ARG_SRC, from.data},
          {DNNL_ARG_WEIGHTS, placed(plain, layer.weight_dims, weight_type, Tag::oihw, plan.weights_desc())},
          {DNNL_ARG_BIAS, placed(layer.bias.data(), {out[1]}, Type::f32, Tag::x, plan.bias_desc())},
          {DNNL_ARG_DST, made.data}}});
    layers_.push_back(made);
    values_[name] = made;
  }

  void take_convolution(const Node& node) {
    const Value& in = values_.at(node.inputs.at(0));
    const auto& kernel = constant(node.inputs.at(1));
    if (node.attribute("group") != nullptr && node.attribute("group")->i != 1) refuse("groups");
    if (node.attribute("auto_pad") != nullptr) refuse("auto_pad");
    for (const auto dilation : ints(node, "dilations", {1, 1})) {
      if (dilation != 1) refuse("dilations");
    }
    const auto strides = ints(node, "strides", {1, 1});
    const auto pads = ints(node, "pads", {0, 0, 0, 0});
    Layer layer{.weight_dims = kernel.dims,
                .weights = kernel.floats.values(),
                .bias = std::vector<float>(static_cast<std::size_t>(kernel.dims[0]), 0.0F)};
    if (node.inputs.size() > 2) layer.bias = constant(node.inputs[2]).floats.values();
    std::string name = node.outputs.at(0);
    if (const Node* norm = only_reader(name, "BatchNormalization")) {
      fold(*norm, layer);
      done_[norm] = true;
      name = norm->outputs.at(0);
    }
    const Value* added = nullptr;
    if (const Node* sum = only_reader(name, "Add")) {
      const auto other = values_.find(sum->inputs.at(sum->inputs.at(0) == name ? 1 : 0));
      if (other == values_.end()) refuse("a sum with what comes later");
      added = &other->second;
      done_[sum] = true;
      name = sum->outputs.at(0);
    }
    const Node* relu = only_reader(name, "Relu");
    if (relu != nullptr) {
      done_[relu] = true;
      name = relu->outputs.at(0);
    }
    const auto size = [&](std::size_t axis) {
      return (in.dims[axis] + pads[axis - 2] + pads[axis] - kernel.dims[axis]) / strides[axis - 2] + 1;
    };
    add_layer(layer, in, {strides[0], strides[1]}, {pads[0], pads[1]}, {pads[2], pads[3]},
              {in.dims[0], kernel.dims[0], size(2), size(3)}, relu != nullptr, name, added);
  }

  void fold(const Node& norm, Layer& layer) const {
    const auto scale = constant(norm.inputs.at(1)).floats.values();
    const auto shift = constant(norm.inputs.at(2)).floats.values();
    const auto mean = constant(norm.inputs.at(3)).floats.values();
    const auto variance = constant(norm.inputs.at(4)).floats.values();
    const auto* epsilon = norm.attribute("epsilon");
    const std::size_t taps = layer.weights.size() / layer.bias.size();
    for (std::size_t o = 0; o < layer.bias.size(); ++o) {
      const float factor = scale[o] / std::sqrt(variance[o] + (epsilon == nullptr ? 1e-5F : epsilon->f));
      for (std::size_t t = 0; t < taps; ++t) layer.weights[o * taps + t] *= factor;
      layer.bias[o] = (layer.bias[o] - mean[o]) * factor + shift[o];
    }
  }

  // As a convolution whose kernel is as large as its input.
  void take_fully_connected(const Node& node) {
    const Value& in = values_.at(node.inputs.at(0));
    const auto& matrix = constant(node.inputs.at(1));
    if (node.attribute("transB") == nullptr || node.attribute("transB")->i != 1)
      refuse("a Gemm that is not transB");
    Layer layer{.weight_dims = {matrix.dims[0], in.dims[1], in.dims[2], in.dims[3]},
                .weights = matrix.floats.values(),
                .bias = constant(node.inputs.at(2)).floats.values()};
    const Node* relu = only_reader(node.outputs.at(0), "Relu");
    if (relu != nullptr) done_[relu] = true;
    add_layer(layer, in, {1, 1}, {0, 0}, {0, 0}, {in.dims[0], matrix.dims[0], 1, 1}, relu != nullptr,
              relu != nullptr ? relu->outputs.at(0) : node.outputs.at(0));
  }

  void take_pool(const Node& node) {
    const Value in = values_.at(node.inputs.at(0));
    const bool whole = node.op_type == "GlobalAveragePool";
    const Dims kernel = whole ? Dims{in.dims[2], in.dims[3]} : ints(node, "kernel_shape", {});
    const Dims strides = whole ? Dims{1, 1} : ints(node, "strides", {1, 1});
    const auto pads = ints(node, "pads", {0, 0, 0, 0});
    const Dims out = {in.dims[0], in.dims[1],
                      (in.dims[2] + pads[0] + pads[2] - kernel.at(0)) / strides[0] + 1,
                      (in.dims[3] + pads[1] + pads[3] - kernel.at(1)) / strides[1] + 1};
    const auto way = node.op_type == "MaxPool" ? dnnl::algorithm::pooling_max
                                               : dnnl::algorithm::pooling_avg_exclude_padding;
    const dnnl::pooling_forward::primitive_desc plan({dnnl::prop_kind::forward_inference,
                                                      way,
                                                      in.data.get_desc(),
                                                      memory::desc(out, in.type, Tag::any),
                                                      strides,
                                                      kernel,
                                                      {pads[0], pads[1]},
                                                      {pads[2], pads[3]}},
                                                     engine_);
    Value made{.data = memory(plan.dst_desc(), engine_), .dims = out, .type = in.type, .scale = in.scale};
    calls_.push_back({dnnl::pooling_forward(plan), {{DNNL_ARG_SRC, in.data}, {DNNL_ARG_DST, made.data}}});
    values_[node.outputs.at(0)] = made;
  }

  dnnl::engine engine_;
  dnnl::stream stream_;
  bool bytes_;
  bool first_in_float_;
  std::vector<float> ranges_;
  std::map<std::string, const Tensor*> constants_;
  std::map<std::string, std::vector<const Node*>> readers_;
  std::map<std::string, Value> values_;
  std::map<const Node*, bool> done_;
  std::vector<Value> layers_;
  std::vector<Call> calls_;
  memory input_;
  memory output_;
  std::size_t count_ = 1;
};

double seconds_of(Peer& peer, const float* input) {
  std::vector<float> scores;
  double best = 1e9;
  for (int i = 0; i < 20; ++i) {
    const auto start = std::chrono::steady_clock::now();
    peer.run(input, scores);
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

Peer* make(const PeerSetup& setup) {
  omp_set_num_threads(1);
  std::ifstream file(setup.path, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  const Model model =
      recognizer::onnx::read_model({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  if (setup.precision == Precision::float32) return new OneDnnPeer(model, setup, {}, false);
  const auto pixels = static_cast<std::size_t>(setup.height * setup.width);
  PeerSetup sampling = setup;
  sampling.batch = static_cast<int>(setup.sample.size() / pixels);
  OneDnnPeer in_float(model, sampling, {}, false);
  std::vector<float> scores;
  in_float.run(setup.sample.data(), scores);
  const auto ranges = in_float.ranges();
  auto all_bytes = std::make_unique<OneDnnPeer>(model, setup, ranges, false);
  auto all_but_first = std::make_unique<OneDnnPeer>(model, setup, ranges, true);
  std::vector<float> input(pixels * static_cast<std::size_t>(setup.batch));
  for (std::size_t i = 0; i < input.size(); ++i) input[i] = setup.sample[i % setup.sample.size()];
  const bool bytes_win = seconds_of(*all_bytes, input.data()) < seconds_of(*all_but_first, input.data());
  return bytes_win ? all_bytes.release() : all_but_first.release();
}

double matrix_product_rate() {
  omp_set_num_threads(1);
  constexpr std::int64_t kSide = 768;
  const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  dnnl::stream stream(engine);
  const memory::desc square({kSide, kSide}, Type::f32, Tag::ab);
  const dnnl::matmul::primitive_desc plan({square, square, square}, engine);
  std::vector<float> a(kSide * kSide, 0.5F);
  std::vector<float> b(kSide * kSide, 0.25F);
  std::vector<float> c(kSide * kSide);
  const std::unordered_map<int, memory> arguments = {{DNNL_ARG_SRC, memory(square, engine, a.data())},
                                                     {DNNL_ARG_WEIGHTS, memory(square, engine, b.data())},
                                                     {DNNL_ARG_DST, memory(square, engine, c.data())}};
  const dnnl::matmul product(plan);
  double best = 1e9;
  for (int i = 0; i < 4; ++i) {
    const auto start = std::chrono::steady_clock::now();
    product.execute(stream, arguments);
    stream.wait();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return static_cast<double>(kSide) * kSide * kSide / best;
}

}  // namespace
}  // namespace inkfield::bench

extern "C" const inkfield::bench::PeerLibrary* inkfield_bench_peer() {
  const auto* version = dnnl::version();
  static const inkfield::bench::PeerLibrary library{
      .name = "onednn",
      .version = std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
                 std::to_string(version->patch),
      .has_int8 = true,
      .make = inkfield::bench::make,
      .matrix_product_rate = inkfield::bench::matrix_product_rate};
  return &library;
}
