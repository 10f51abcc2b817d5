#!/bin/sh
# The first program of the ramdisk: loads drivers, waits for the root file system that the kernel's command line names,
# and starts the init on it. Says on the console what it cannot find.
export PATH=/bin
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys

load() { # list of module files, in the order of their dependencies
    while read -r module; do
        insmod "/modules/$module" 2>/dev/null
    done <"$1"
}

root=LABEL=tiny
mode=ro
init=/sbin/init
for word in $(cat /proc/cmdline); do
    case $word in
        root=*) root=${word#root=} ;;
        init=*) init=${word#init=} ;;
        ro | rw) mode=$word ;;
    esac
done

find_root() {
    case $root in
        LABEL=* | UUID=*) findfs "$root" 2>/dev/null ;;
        *) [ -b "$root" ] && echo "$root" ;;
    esac
}

load /modules/virtio.order
# Class 0101 is an IDE controller; its drivers are loaded only where there is one.
grep -q '^0x0101' /sys/bus/pci/devices/*/class && load /modules/ide.order

tries=0
until device=$(find_root) && mount -o "$mode" "$device" /root 2>/dev/null; do
    tries=$((tries + 1))
    if [ $tries = 600 ]; then
        echo "TINY-NO-ROOT $root; disks here: $(ls /sys/block | tr '\n' ' ')"
        exec sh
    fi
    usleep 100000
done

for place in dev proc sys; do
    mount -o move /$place /root/$place || umount /$place
done
exec switch_root /root "$init"
