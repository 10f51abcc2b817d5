#!/usr/bin/busybox sh
exec /sbin/poweroff
