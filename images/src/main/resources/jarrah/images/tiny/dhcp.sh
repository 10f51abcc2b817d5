#!/usr/bin/busybox sh
# What udhcpc calls at each event, with the lease in the environment.
# staticroutes is option 121, RFC 3442: pairs of network and gateway, which replace the router option when given.
export PATH=/usr/sbin:/usr/bin

route() { # network gateway
    if [ "$2" = 0.0.0.0 ]; then
        ip route replace "$1" dev "$interface"
    else
        # The gateway may lie outside the subnet, as with a mask of 32 bits.
        ip route replace "$1" via "$2" dev "$interface" 2>/dev/null || {
            ip route replace "$2/32" dev "$interface"
            ip route replace "$1" via "$2" dev "$interface"
        }
    fi
}

case $1 in
    deconfig)
        ip link set "$interface" up
        ip address flush dev "$interface"
        ;;
    bound | renew)
        ip address flush dev "$interface"
        ip address add "$ip/${mask:-24}" dev "$interface"
        [ -z "$mtu" ] || ip link set "$interface" mtu "$mtu"
        if [ -n "$staticroutes" ]; then
            set -- $staticroutes
            while [ $# -ge 2 ]; do
                route "$1" "$2"
                shift 2
            done
        else
            for gateway in $router; do
                route 0.0.0.0/0 "$gateway"
            done
        fi
        {
            [ -z "$domain" ] || echo "search $domain"
            for server in $dns; do
                echo "nameserver $server"
            done
        } >/etc/resolv.conf
        ;;
esac
