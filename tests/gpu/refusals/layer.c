// A Vulkan layer that makes a driver of another: one that refuses compute pipelines, loses its device, or keeps subnormal numbers
// if asked.
//
// REFUSE_ENTRY   entry point of the pipelines that are refused; left out: all
// REFUSE_TIMES   how many of them, the first ones; left out: all
// REFUSE_CODE    the VkResult, a negative number
// LOSE_AFTER     submissions of work after which every one, to any device, is answered with VK_ERROR_DEVICE_LOST
// KEEP           if it is there, shaders may ask for subnormal numbers of 32 bits
//
// It stands between Vulkan's loader and the driver, and declares the little of vulkan.h that it needs.

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef int32_t Result;
typedef void (*Function)(void);
typedef Function (*GetProcAddr)(void *object, const char *name);

// What begins every structure of Vulkan, in a chain.
typedef struct Header {
    int32_t type;
    struct Header *next;
} Header;

typedef struct InstanceLink {
    struct InstanceLink *next;
    GetProcAddr get_instance;
    GetProcAddr get_physical_device;
} InstanceLink;

typedef struct DeviceLink {
    struct DeviceLink *next;
    GetProcAddr get_instance;
    GetProcAddr get_device;
} DeviceLink;

// VkLayerInstanceCreateInfo and VkLayerDeviceCreateInfo.
typedef struct Link {
    Header header;
    int32_t function;
    union {
        InstanceLink *instance;
        DeviceLink *device;
    } to;
} Link;

// VkPipelineShaderStageCreateInfo.
typedef struct Stage {
    Header header;
    uint32_t flags;
    uint32_t stage;
    uint64_t module;
    const char *entry;
    const void *specialization;
} Stage;

// VkComputePipelineCreateInfo.
typedef struct PipelineInfo {
    Header header;
    uint32_t flags;
    Stage stage;
    uint64_t layout;
    uint64_t base;
    int32_t base_index;
} PipelineInfo;

// VkPhysicalDeviceFloatControlsProperties.
typedef struct FloatControls {
    Header header;
    int32_t independence[2];
    uint32_t keeps_zero_and_nan[3];
    uint32_t keeps_subnormals_of_16, keeps_subnormals_of_32;
} FloatControls;

// VkNegotiateLayerInterface.
typedef struct Negotiation {
    int32_t type;
    void *next;
    uint32_t version;
    GetProcAddr get_instance;
    GetProcAddr get_device;
    GetProcAddr get_physical_device;
} Negotiation;

typedef Result (*CreateInstance)(const Header *, const void *, void **);
typedef Result (*CreateDevice)(void *, const Header *, const void *, void **);
typedef void (*GetProperties)(void *, Header *);
typedef Result (*Submit)(void *, uint32_t, const void *, uint64_t);
typedef Result (*CreatePipelines)(void *, uint64_t, uint32_t, const PipelineInfo *, const void *, uint64_t *);

static void *the_instance;
static GetProcAddr next_instance, next_device;
static GetProperties next_get_properties;
static CreatePipelines next_create_pipelines;
static Submit next_submit;

static Link *link_of(const Header *info, int32_t type) {
    for (Header *at = info->next; at; at = at->next) {
        if (at->type == type && ((Link *)at)->function == 0) return (Link *)at;
    }
    abort();
}

static int is_refused(const char *entry) {
    static long refused;
    const char *only = getenv("REFUSE_ENTRY"), *times = getenv("REFUSE_TIMES");
    if (only && strcmp(only, entry) != 0) return 0;
    return !times || refused++ < atol(times);
}

static Result create_pipelines(void *device, uint64_t cache, uint32_t n, const PipelineInfo *infos, const void *allocator,
                               uint64_t *pipelines) {
    for (uint32_t k = 0; k < n; k++) {
        if (is_refused(infos[k].stage.entry)) {
            memset(pipelines, 0, n * sizeof *pipelines);
            return atoi(getenv("REFUSE_CODE"));
        }
    }
    return next_create_pipelines(device, cache, n, infos, allocator, pipelines);
}

static Result submit(void *queue, uint32_t n, const void *infos, uint64_t fence) {
    static long submitted;
    const char *after = getenv("LOSE_AFTER");
    if (after && submitted++ >= atol(after)) return -4;
    return next_submit(queue, n, infos, fence);
}

static Result create_instance(const Header *info, const void *allocator, void **instance) {
    Link *link = link_of(info, 47);
    next_instance = link->to.instance->get_instance;
    link->to.instance = link->to.instance->next;
    Result result = ((CreateInstance)next_instance(NULL, "vkCreateInstance"))(info, allocator, instance);
    the_instance = *instance;
    // Later the loader would answer with the layer's own.
    if (result == 0) next_get_properties = (GetProperties)next_instance(*instance, "vkGetPhysicalDeviceProperties2");
    return result;
}

static Result create_device(void *physical_device, const Header *info, const void *allocator, void **device) {
    Link *link = link_of(info, 48);
    GetProcAddr get_instance = link->to.device->get_instance;
    next_device = link->to.device->get_device;
    link->to.device = link->to.device->next;
    Result result = ((CreateDevice)get_instance(the_instance, "vkCreateDevice"))(physical_device, info, allocator, device);
    if (result == 0) {
        next_create_pipelines = (CreatePipelines)next_device(*device, "vkCreateComputePipelines");
        next_submit = (Submit)next_device(*device, "vkQueueSubmit");
    }
    return result;
}

static void get_properties(void *physical_device, Header *properties) {
    next_get_properties(physical_device, properties);
    for (Header *at = properties->next; at; at = at->next) {
        if (at->type == 1000197000 && getenv("KEEP")) ((FloatControls *)at)->keeps_subnormals_of_32 = 1;
    }
}

static Function get_device(void *device, const char *name) {
    if (!strcmp(name, "vkGetDeviceProcAddr")) return (Function)get_device;
    if (!strcmp(name, "vkCreateComputePipelines")) return (Function)create_pipelines;
    if (!strcmp(name, "vkQueueSubmit")) return (Function)submit;
    return next_device(device, name);
}

static Function get_instance(void *instance, const char *name) {
    if (!strcmp(name, "vkGetInstanceProcAddr")) return (Function)get_instance;
    if (!strcmp(name, "vkGetDeviceProcAddr")) return (Function)get_device;
    // The loader takes the extension's name where the program switched that on.
    if (!strncmp(name, "vkGetPhysicalDeviceProperties2", 30)) return (Function)get_properties;
    if (!strcmp(name, "vkCreateInstance")) return (Function)create_instance;
    if (!strcmp(name, "vkCreateDevice")) return (Function)create_device;
    if (!strcmp(name, "vkCreateComputePipelines")) return (Function)create_pipelines;
    if (!strcmp(name, "vkQueueSubmit")) return (Function)submit;
    return next_instance ? next_instance(instance, name) : NULL;
}

Result vkNegotiateLoaderLayerInterfaceVersion(Negotiation *negotiation) {
    negotiation->version = 2;
    negotiation->get_instance = get_instance;
    negotiation->get_device = get_device;
    negotiation->get_physical_device = NULL;
    return 0;
}
