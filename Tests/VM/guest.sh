#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs a script as root in a virtual machine with a Debian cloud kernel, without KVM and without
# installing anything into the host's /boot or /lib/modules.
set -Eeuo pipefail
trap 'exit 123' ERR
PATH+=:/usr/sbin:/sbin

usage() {
    cat <<'END'
usage: guest.sh --kernel 6.1|6.12|rt[:full] [--append PARAMETERS] [--memory MIB] [--timeout SECONDS]
                [--module NAME]... [--add PATH[:GUESTPATH]]... --out DIR SCRIPT

Boots Debian's newest packaged cloud kernel of that series and runs SCRIPT (POSIX sh) in it as root.
`6.1:full` boots it with preempt=full, `rt` is the realtime kernel of 6.1.
What the script writes to /out comes back into DIR; its standard output and error, and the kernel's
messages, go to DIR/console.log.

  --append PARAMETERS  more for the kernel's command line
  --memory MIB       the guest's memory; 1024 unless given. /out, /tmp and /run may take half of it each
  --timeout SECONDS  stops the guest after this time; 120 unless given
  --module NAME      loads a kernel module, and what it depends on, before the script runs (veth, overlay, ...)
  --add PATH         copies a file or directory of the host, and the shared libraries of every ELF file in it.
                     Without GUESTPATH a shared library goes to the library path, another executable to
                     /usr/bin, anything else to /root. Libraries loaded with dlopen need an --add of their own.

The guest has busybox, with dash as its sh, and lo; not mounted are tracefs, debugfs and bpffs. An added
command is found before busybox's of the same name, but not by busybox's own xargs, env, timeout, setsid and
the like: give those its full path.

Exit status: the script's; 64 wrong usage, 123 the guest could not be run, 124 it panicked or stopped before
the script ended, 125 it took too long. For the last four, one sentence on standard error says what happened.
Environment: GUEST_CACHE, where the kernel packages are kept; .build/guest in the repository unless given.
END
}

die() {
    local status=$1
    shift
    printf 'guest.sh: %s\n' "$*" >&2
    exit "$status"
}

parse() {
    kernel='' append='' memory=1024 limit=120 out='' script='' adds=() modules=(virtio_pci virtio_blk)
    while (($#)); do
        case $1 in
            -h | --help) usage && exit 0 ;;
            --kernel | --append | --memory | --timeout | --module | --add | --out)
                (($# > 1)) || die 64 "$1 needs a value; see guest.sh --help"
                set_option "$1" "$2"
                shift
                ;;
            -*) die 64 "unknown option $1; see guest.sh --help" ;;
            *)
                [[ -z $script ]] || die 64 "only one script can be run, not also '$1'; see guest.sh --help"
                script=$1
                ;;
        esac
        shift
    done
}

set_option() {
    case $1 in
        --kernel) set_kernel "$2" ;;
        --append) append+=" $2" ;;
        --memory) memory=$2 ;;
        --timeout) limit=$2 ;;
        --module) modules+=("$2") ;;
        --add) adds+=("$2") ;;
        --out) out=$2 ;;
    esac
}

# set_kernel SERIES[:full]
set_kernel() {
    kernel=${1%%:*}
    case $1 in
        6.1 | 6.12 | rt) ;;
        6.1:full | 6.12:full) append+=' preempt=full' ;;
        *) die 64 '--kernel must be 6.1, 6.12, 6.1:full, 6.12:full or rt' ;;
    esac
}

check() {
    [[ -n $kernel ]] || die 64 '--kernel is missing'
    [[ $memory =~ ^[1-9][0-9]*$ ]] || die 64 '--memory must be a number of MiB'
    [[ $limit =~ ^[1-9][0-9]*$ ]] || die 64 '--timeout must be a number of seconds'
    [[ -n $out ]] || die 64 '--out DIR is missing'
    [[ -f $script && -r $script ]] || die 64 "the script '$script' cannot be read"
}

# Installs the Debian packages of the commands that are missing.
install_tools() {
    local pair missing=()
    for pair in qemu-system-x86_64=qemu-system-x86 busybox=busybox-static cpio=cpio depmod=kmod xz=xz-utils; do
        command -v "${pair%=*}" >/dev/null || missing+=("${pair#*=}")
    done
    ((${#missing[@]})) || return 0
    ((EUID == 0)) || die 123 "missing; as root: apt-get install --no-install-recommends ${missing[*]}"
    apt-get install -qq -y --no-install-recommends "${missing[@]}" >&2 || die 123 "cannot install ${missing[*]}"
}

# Prints the package of the newest signed kernel of the series that apt or the cache has: cloud or realtime.
newest_kernel() {
    local pattern="^linux-image-${kernel/./\\.}\\.[^-]+(-[0-9]+)?-cloud-amd64$"
    [[ $kernel != rt ]] || pattern='^linux-image-6\.1\.[^-]+(-[0-9]+)?-rt-amd64$'
    {
        apt-cache search --names-only "$pattern" | cut -d ' ' -f 1
        ls "$cache"
    } | { grep -E "$pattern" || true; } | sort -V | tail -n 1
}

# Unpacks the package into the cache; mv makes it appear there in one step.
fetch_kernel() {
    local package=$1 staging="$cache/staging"
    [[ ! -d $cache/$package ]] || return 0
    rm -rf "$staging"
    mkdir "$staging"
    (cd "$staging" && apt-get -qq -o APT::Sandbox::User=root download "$package" >&2) ||
        die 123 "cannot download $package; try again after: apt-get update"
    dpkg-deb -x "$staging"/*.deb "$staging/tree"
    depmod -b "$staging/tree" "${package#linux-image-}"
    mv "$staging/tree" "$cache/$package"
    rm -rf "$staging"
}

is_elf() {
    [[ $(head -c 4 -- "$1" | tr -d '\0') == $'\x7fELF' ]]
}

# Copies a library to where the guest's loader looks for it.
add_library() {
    local path=$1 name=${1##*/} target
    target="$root/usr/lib/x86_64-linux-gnu/$name"
    [[ $name != ld-linux-x86-64.so.2 ]] || target="$root/usr/lib64/$name"
    if [[ -e $target ]]; then
        cmp -s -- "$path" "$target" || die 123 "two different libraries are called $name; one is $path"
    else
        cp -L -- "$path" "$target"
    fi
}

add_libraries_of() {
    local listing path
    listing=$(ldd "$1" 2>/dev/null) || return 0 # not dynamically linked
    [[ $listing != *'not found'* ]] || die 123 "a library that $1 needs is missing:"$'\n'"$listing"
    while read -r path; do
        add_library "$path"
    done < <(grep -oE '(^|[[:space:]])/[^ ]+' <<<"$listing" | tr -d '[:blank:]')
}

default_place() {
    case ${1##*/} in
        *.so | *.so.*) echo "/usr/lib/x86_64-linux-gnu/${1##*/}" ;;
        *) if [[ -f $1 && -x $1 ]]; then echo "/usr/bin/${1##*/}"; else echo "/root/${1##*/}"; fi ;;
    esac
}

add() {
    local path=${1%%:*} place='' file
    [[ -e $path ]] || die 123 "--add: there is no '$path'"
    path=$(realpath -s -- "$path")
    [[ $1 != *:* ]] || place=${1#*:}
    place="$root/${place:-$(default_place "$path")}"
    mkdir -p -- "${place%/*}"
    if [[ -d $path ]]; then cp -a -- "$path/." "$place"; else cp -L -- "$path" "$place"; fi
    while IFS= read -r -d '' file; do
        if is_elf "$file"; then add_libraries_of "$file"; fi
    done < <(find -L "$path" -type f -print0)
}

# Copies the modules, uncompressed and numbered in the order in which they have to be loaded.
add_modules() {
    local tree=$1 name kind file number=100 seen=' '
    for name in "${modules[@]}"; do
        while read -r kind file _; do
            [[ $kind == insmod && $seen != *" $file "* ]] || continue
            seen+="$file "
            name=${file##*/}
            case $file in
                *.xz) xz -dc -- "$file" ;;
                *) cat -- "$file" ;;
            esac >"$root/modules/$((number++))-${name%.xz}"
        done < <(modprobe -C /dev/null -d "$tree" -S "${tree##*/linux-image-}" --show-depends "$name")
    done
}

make_root() {
    local item
    root="$work/root"
    mkdir -p "$root"/{dev,etc,modules,mnt,out,proc,root,run,sys,tmp,usr/{bin,sbin,lib/x86_64-linux-gnu,lib64}}
    for item in bin sbin lib lib64; do ln -s "usr/$item" "$root/$item"; done
    echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
    echo 'root:x:0:' >"$root/etc/group"
    echo guest >"$root/etc/hostname"
    echo '127.0.0.1 localhost guest' >"$root/etc/hosts"
    install -m 755 "$here/init.sh" "$root/init"
    install -m 755 -- "$script" "$root/script"
    add "$(command -v busybox):/usr/bin/busybox"
    add "$(command -v dash):/usr/bin/sh"
    for item in "${adds[@]}"; do add "$item"; done
    add_modules "$1"
}

boot() {
    local tree=$1 status=0 accel=tcg
    # The realtime kernel hangs if each emulated processor has a thread of its own.
    [[ $kernel != rt ]] || accel=tcg,thread=single
    (cd "$root" && find . -print0 | cpio --quiet -0 -o -H newc -R 0:0) >"$work/initramfs"
    truncate -s "${memory}M" "$work/disk"
    timeout -k 5 "$limit" qemu-system-x86_64 -accel "$accel" -cpu max -m "$memory" -smp 2 \
        -nodefaults -no-user-config -display none -no-reboot -serial stdio \
        -drive "file=$work/disk,format=raw,if=virtio,cache=unsafe" \
        -kernel "$tree/boot/vmlinuz-${tree##*/linux-image-}" -initrd "$work/initramfs" \
        -append 'console=ttyS0 quiet panic=-1 oops=panic nokaslr mitigations=off cryptomgr.notests'"$append" \
        </dev/null >"$out/console.log" &
    child=$!
    wait "$child" || status=$?
    child=''
    sed -i 's/\r$//' "$out/console.log"
    case $status in
        0) ;;
        124 | 137) die 125 "the guest did not finish within $limit s; see $out/console.log" ;;
        *) die 123 "qemu failed with status $status" ;;
    esac
}

# Reads the tar archive that the guest wrote to its disk. Its last member is the script's status.
collect() {
    local status
    ! grep -q 'Kernel panic - not syncing' "$out/console.log" || die 124 "the guest panicked; see $out/console.log"
    status=$(tar -xOf "$work/disk" status 2>/dev/null) ||
        die 124 "the guest stopped before the script ended; see $out/console.log"
    tar -xf "$work/disk" -C "$out" --no-same-owner --strip-components=1 --exclude=out/console.log out
    exit "$status"
}

# shellcheck disable=SC2317 # the trap calls it
cleanup() {
    [[ -z $child ]] || { kill "$child" && wait "$child"; } 2>/dev/null || true
    [[ -z $work ]] || rm -rf "$work"
}

work='' child=''
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

main() {
    local package
    parse "$@"
    check
    here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
    cache=${GUEST_CACHE:-$here/../../.build/guest}
    install_tools
    mkdir -p "$cache" "$out"
    cache=$(cd "$cache" && pwd)
    work=$(mktemp -d)
    package=$(newest_kernel)
    [[ -n $package ]] || die 123 "apt knows no kernel $kernel; try again after: apt-get update"
    (flock 9 && fetch_kernel "$package") 9>"$cache/lock"
    make_root "$cache/$package"
    boot "$cache/$package"
    collect
}

main "$@"
