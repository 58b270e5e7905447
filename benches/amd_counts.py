"""Counts the instructions of GPU kernels with Mesa's AMD compiler, which needs no card.

    pip install vulkan
    python3 benches/amd_counts.py                       # the kernels named in KERNELS
    python3 benches/amd_counts.py resident-128-16       # or any others

The kernels are those of the tutorial's network. A loop over edges, a step of a node and a pair of nodes'
random numbers are found in the machine code by what they hold; the table has instructions per wave of 32.
Linux, Mesa's libvulkan_radeon.so; RADV_LIBRARY says where it is, RADV_FAMILY for which chips.
"""

import json
import os
import re
import subprocess
import sys
import tempfile

KERNELS = ["resident-256-32", "resident-256-32-storage", "resident-256-32-held93"]
LIBRARY = os.environ.get("RADV_LIBRARY", "/usr/lib/x86_64-linux-gnu/libvulkan_radeon.so")
FAMILY = os.environ.get("RADV_FAMILY", "NAVI21")
N_BINDINGS = 11


def compile_module(path, uniform):
    """Makes a pipeline of a module; the driver prints the machine code. Run in a process of its own."""
    import vulkan as vk

    application = vk.VkApplicationInfo(apiVersion=vk.VK_MAKE_VERSION(1, 2, 0))
    instance = vk.vkCreateInstance(vk.VkInstanceCreateInfo(pApplicationInfo=application), None)
    card = vk.vkEnumeratePhysicalDevices(instance)[0]
    queue = vk.VkDeviceQueueCreateInfo(queueFamilyIndex=0, queueCount=1, pQueuePriorities=[1.0])
    device = vk.vkCreateDevice(card, vk.VkDeviceCreateInfo(pQueueCreateInfos=[queue]), None)

    def binding(number):
        uniform_buffer, storage_buffer = vk.VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER, vk.VK_DESCRIPTOR_TYPE_STORAGE_BUFFER
        return vk.VkDescriptorSetLayoutBinding(
            binding=number,
            descriptorType=uniform_buffer if number in uniform else storage_buffer,
            descriptorCount=1,
            stageFlags=vk.VK_SHADER_STAGE_COMPUTE_BIT,
        )

    bindings = [binding(number) for number in range(N_BINDINGS)]
    buffers = vk.vkCreateDescriptorSetLayout(device, vk.VkDescriptorSetLayoutCreateInfo(pBindings=bindings), None)
    layout = vk.vkCreatePipelineLayout(device, vk.VkPipelineLayoutCreateInfo(pSetLayouts=[buffers]), None)
    with open(path, "rb") as file:
        code = file.read()
    module = vk.vkCreateShaderModule(device, vk.VkShaderModuleCreateInfo(codeSize=len(code), pCode=code), None)
    stage = vk.VkPipelineShaderStageCreateInfo(stage=vk.VK_SHADER_STAGE_COMPUTE_BIT, module=module, pName="simulate")
    vk.vkCreateComputePipelines(device, None, 1, [vk.VkComputePipelineCreateInfo(stage=stage, layout=layout)], None)


def machine_code(path, name, folder):
    """The lines of machine code of a kernel, labels included, and the compiler's own figures."""
    driver = os.path.join(folder, "driver.json")
    with open(driver, "w") as file:
        json.dump({"file_format_version": "1.0.0", "ICD": {"library_path": LIBRARY, "api_version": "1.3.0"}}, file)
    uniform = [0, 1] if name.startswith("resident") and "storage" not in name else [0]
    environment = os.environ | {
        "RADV_FORCE_FAMILY": FAMILY,
        "RADV_DEBUG": "shaders,shaderstats,nocache",
        "VK_DRIVER_FILES": driver,
        "VK_ICD_FILENAMES": driver,
    }
    command = [sys.executable, __file__, "--compile", path, json.dumps(uniform)]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    text = said.stdout + said.stderr
    # The driver prints shaders of its own first; ours is the last.
    text = text[text.rindex("\nBB0:"):]
    code, figures = text.split("s_endpgm", 1)
    lines = [line.split(";")[0].strip() for line in code.splitlines()]
    return [line for line in lines if line], dict(re.findall(r"^([\w ]+): (\d+)$", figures, re.M))


def loops(lines):
    """The loops of the code, as lists of lines without labels, with whether they hold other loops."""
    at = {line[:-1]: k for k, line in enumerate(lines) if re.fullmatch(r"BB\d+:", line)}
    spans = {}
    for k, line in enumerate(lines):
        target = re.search(r"branch\w* (BB\d+)$", line)
        if target and at[target.group(1)] <= k:
            first = at[target.group(1)]
            spans[first] = max(k, spans.get(first, 0))
    found = []
    for first, last in sorted(spans.items()):
        holds = any(first < other and spans[other] <= last for other in spans)
        body = [line for line in lines[first : last + 1] if not line.endswith(":")]
        found.append((body, holds))
    return found


def count(lines, *names):
    return sum(line.split()[0].startswith(names) for line in lines)


def figures_of(lines):
    """Instructions per edge in each loop over edges, per step of a node, per pair's random numbers."""
    edges, steps, noise = [], [], []
    for body, holds in loops(lines):
        products, wide = count(body, "v_mul_f32"), count(body, "v_mul_hi_u32", "v_mad_u64_u32")
        loads = count(body, "ds_read", "buffer_load")
        if not holds and 1 <= products <= 32 and products <= count(body, "v_add_f32") and loads >= products:
            edges.append((len(body), products))
        if wide >= 20:
            noise.append(len(body))
        elif products > 32 or (products > 8 and count(body, "ds_write", "buffer_store") > 0):
            steps.append(len(body))
    return edges, steps, noise


def main():
    if sys.argv[1:2] == ["--compile"]:
        compile_module(sys.argv[2], json.loads(sys.argv[3]))
        return
    names = sys.argv[1:] or KERNELS
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["cargo", "run", "--release", "--example", "kernels", "--", folder, *names], check=True)
        print(f"| {FAMILY} | per edge, loop by loop | node step | pair's noise | all | registers |\n|---|---|---|---|---|---|")
        for name in names:
            lines, figures = machine_code(os.path.join(folder, f"{name}.spv"), name, folder)
            edges, steps, noise = figures_of(lines)
            per_edge = ", ".join(f"{n / products:.1f} ({n} for {products})" for n, products in edges)
            least = lambda found: min(found) if found else "-"
            print(f"| `{name}` | {per_edge} | {least(steps)} | {least(noise)} | {figures['Instructions']} | {figures['VGPRs']} |")


if __name__ == "__main__":
    main()
