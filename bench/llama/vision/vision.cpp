// Encodes one image of noise with llama.cpp's libmtmd and prints a line of JSON: tokens, seconds by the clock, processor
// seconds of all threads, and the most resident memory beside the weights. It mirrors `tramontane bench vision`.
// Usage: vision-bench MODEL.gguf MMPROJ.gguf WIDTH HEIGHT THREADS MAX_TOKENS FLASH_ATTENTION(0|1)
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <random>
#include <string>
#include <vector>
#include <sys/resource.h>

#include "llama.h"
#include "mtmd.h"

static double processor_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + 1e-6 * (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static long long status_bytes(const char * name) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.rfind(name, 0) == 0) {
            return 1024LL * std::atoll(line.c_str() + std::strlen(name));
        }
    }
    return 0;
}

[[noreturn]] static void fail(const char * what) {
    std::fprintf(stderr, "vision-bench: %s\n", what);
    std::exit(1);
}

int main(int argc, char ** argv) {
    if (argc != 8) {
        fail("expected MODEL MMPROJ WIDTH HEIGHT THREADS MAX_TOKENS FLASH_ATTENTION");
    }
    const uint32_t width = std::atoi(argv[3]), height = std::atoi(argv[4]);
    llama_log_set([](ggml_log_level, const char *, void *) {}, nullptr);
    mtmd_log_set([](ggml_log_level, const char *, void *) {}, nullptr);
    llama_backend_init();

    llama_model_params model_params = llama_model_default_params();
    model_params.vocab_only = true; // the encoder asks the text model for its width and its tokens alone
    llama_model * model = llama_model_load_from_file(argv[1], model_params);
    if (model == nullptr) {
        fail("the text model could not be loaded");
    }

    mtmd_context_params params = mtmd_context_params_default();
    params.use_gpu = false;
    params.print_timings = false;
    params.n_threads = std::atoi(argv[5]);
    params.image_max_tokens = std::atoi(argv[6]);
    params.flash_attn_type = std::atoi(argv[7]) ? LLAMA_FLASH_ATTN_TYPE_ENABLED : LLAMA_FLASH_ATTN_TYPE_DISABLED;
    params.warmup = false;
    mtmd_context * context = mtmd_init_from_file(argv[2], model, params);
    if (context == nullptr) {
        fail("the encoder could not be loaded");
    }

    std::vector<unsigned char> rgb(3 * size_t(width) * height);
    std::mt19937 random(1);
    for (auto & value : rgb) {
        value = random();
    }
    mtmd_bitmap * bitmap = mtmd_bitmap_init(width, height, rgb.data());
    const char * marker = mtmd_default_marker();
    const mtmd_input_text text{marker, std::strlen(marker), false, true};
    mtmd_input_chunks * chunks = mtmd_input_chunks_init();

    std::ofstream("/proc/self/clear_refs") << "5"; // proc(5): resets VmHWM
    const long long before = status_bytes("VmRSS:");
    const mtmd_bitmap * bitmaps[] = {bitmap};
    auto started = std::chrono::steady_clock::now();
    if (mtmd_tokenize(context, chunks, &text, bitmaps, 1) != 0) {
        fail("the image could not be prepared");
    }
    const double prepare = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();

    size_t tokens = 0;
    double seconds = 0, processor = 0;
    for (size_t i = 0; i < mtmd_input_chunks_size(chunks); i++) {
        const mtmd_input_chunk * chunk = mtmd_input_chunks_get(chunks, i);
        if (mtmd_input_chunk_get_type(chunk) != MTMD_INPUT_CHUNK_TYPE_IMAGE) {
            continue;
        }
        tokens += mtmd_input_chunk_get_n_tokens(chunk);
        started = std::chrono::steady_clock::now();
        const double processor_before = processor_seconds();
        if (mtmd_encode_chunk(context, chunk) != 0) {
            fail("the image could not be encoded");
        }
        seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
        processor += processor_seconds() - processor_before;
    }
    std::printf("{\"tokens\":%zu,\"prepare_seconds\":%.4f,\"encode_seconds\":%.3f,\"processor_seconds\":%.3f,\"peak_extra_bytes\":%lld}\n",
        tokens, prepare, seconds, processor, status_bytes("VmHWM:") - before);
    return 0;
}
