from ceap.web.cli import main

main()
