from tunnel_gateway.cli import main

main()
